import type { Filter } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import { openDataset, summarizeDataset, type ValidationReport } from '@vecport/dataset';
import { createProgressMeter, type ExportReport, exportDataset, openCollection } from '@vecport/transfer';
import { chooseCollections, chosenTenants } from '../collections.js';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { commandLine, resumeArguments } from '../command-line.js';
import { type DatasetPlace, openDatasetStorage, placeExport } from '../dataset-place.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { collectionTable, listText } from '../output/collection-tables.js';
import { formatDuration } from '../output/format.js';
import { formatMovedRate } from '../output/progress-tracker.js';
import { packageVersion } from '../version.js';
import { checkFiles, PHASES } from './phases.js';

/** What can be typed after `vecport export`. */
export interface ExportFlags {
  readonly from?: string | undefined;
  readonly to: string;
  readonly collection?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
  readonly tenant?: readonly string[] | undefined;
  readonly filter?: Filter | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly batchSize?: number | undefined;
  readonly parallel?: number | undefined;
  readonly partRows?: number | undefined;
  readonly compression: 'zstd' | 'none';
  readonly encoding: 'split' | 'plain';
  readonly resume?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly verify?: boolean | undefined;
  readonly debug?: boolean | undefined;
}

interface Exported {
  readonly report: ExportReport;
  readonly validation?: ValidationReport | undefined;
  readonly milliseconds: number;
}

/** Export collections of a store into a dataset. */
export async function runExport(flags: ExportFlags, context: CommandContext): Promise<CommandOutcome> {
  // A wrong target is told before a store is opened.
  await openDatasetStorage(flags.to);
  return withHost(context, async (host) => {
    const { signal } = context;
    const store = await host.catalog.open(flags.from, { signal });
    const collections = await chooseCollections(store, { collection: flags.collection ?? [], all: flags.all }, signal);
    const place = await placeExport({
      to: flags.to,
      resume: flags.resume === true,
      provider: store.provider,
      source: store.url,
      collections,
      signal,
    });
    const exported = await exportTo(place, store, collections, flags, context);
    return outcomeOf(exported, flags, context);
  });
}

async function exportTo(
  place: DatasetPlace,
  store: OpenStore,
  collections: readonly string[],
  flags: ExportFlags,
  context: CommandContext,
): Promise<Exported> {
  const { signal, progress } = context;
  const begun = performance.now();
  try {
    const repositories = [];
    const tenants = chosenTenants(store, flags);
    for (const name of collections) repositories.push(...(await openCollection(store, name, { tenants, signal })));
    const report = await exportDataset({
      repositories,
      source: { provider: store.provider, version: store.version, url: store.url },
      storage: place.storage,
      id: place.id,
      tool: { name: 'vecport', version: packageVersion() },
      selection: { filter: flags.filter, fields: flags.fields },
      encoding: { format: 'parquet', compression: flags.compression, vectors: flags.encoding },
      partRows: flags.partRows,
      resume: flags.resume,
      parallel: flags.parallel,
      batchSize: flags.batchSize,
      keepState: flags.debug,
      signal,
      onProgress: progress.listen({ ...PHASES, read: 'Exporting' }, createProgressMeter()),
    });
    const milliseconds = performance.now() - begun;
    const validation =
      flags.verify === true ? await checkFiles(await openDataset(place.storage, { signal }), context) : undefined;
    return { report, validation, milliseconds };
  } catch (error) {
    throw exportError(error, place, context);
  }
}

function exportError(error: unknown, place: DatasetPlace, { progress, args, terminal }: CommandContext): CommandError {
  const begun = progress.moved.size > 0;
  return new CommandError(error, {
    begun,
    advice: begun ? 'The parts that are complete are kept.' : undefined,
    resume: commandLine(resumeArguments(args, place.url), terminal.env),
  });
}

function outcomeOf(
  { report, validation, milliseconds }: Exported,
  flags: ExportFlags,
  context: CommandContext,
): CommandOutcome {
  const { manifest, url, resumed, warnings } = report;
  const summary = summarizeDataset(manifest);
  const rates = new Map(
    summary.collections.map(({ name }) => [name, formatMovedRate(context.progress.moved.get(name), resumed === 'yes')]),
  );
  const problems = validation?.problems.map(({ message }) => message) ?? [];
  const ending =
    resumed === 'complete' ? 'It was complete already; nothing was read.' : `Done in ${formatDuration(milliseconds)}.`;
  const checked = validation?.ok === true ? ' Every checksum and digest was verified.' : '';
  return {
    exitCode: exitCodeOf(report, validation, flags),
    text: [
      collectionTable(summary.collections, rates),
      `Dataset: ${url}`,
      `${ending}${checked}${listText('Warnings', warnings)}${listText('Problems', problems)}`,
    ].join('\n'),
    json: { command: 'export', url, resumed, milliseconds: Math.round(milliseconds), ...summary, warnings, validation },
  };
}

function exitCodeOf(report: ExportReport, validation: ValidationReport | undefined, flags: ExportFlags): ExitCode {
  const quarantined = report.manifest.collections.some(({ counts }) => counts.quarantined > 0);
  const strict = flags.strict === true && report.warnings.length > 0;
  return quarantined || strict || validation?.ok === false ? EXIT_CODES.incomplete : EXIT_CODES.done;
}
