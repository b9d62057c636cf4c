import { openDataset, type ValidationReport } from '@vecport/dataset';
import { type ExportReport, type ExportRequest, exportDataset, previewExport } from '@vecport/transfer';
import { chooseCollections } from '../collections.js';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { commandLine, resumeArguments } from '../command-line.js';
import { type DatasetPlace, openDatasetStorage, placeExport } from '../dataset-place.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { type ExportFlags, exportRequestOf, readExportFiles } from './export-flags.js';
import { exportOutcome } from './export-outcome.js';
import { previewOutcome } from './export-preview.js';
import { checkFiles } from './phases.js';

/** An export that has ended. */
export interface Exported {
  readonly report: ExportReport;
  readonly validation?: ValidationReport | undefined;
  readonly milliseconds: number;
}

/** Export collections of a store into a dataset; or, with `dryRun`, tell what would be done. */
export async function runExport(flags: ExportFlags, context: CommandContext): Promise<CommandOutcome> {
  // A wrong target, and files that cannot be read, are told before a store is opened.
  await openDatasetStorage(flags.to);
  const files = await readExportFiles(flags, context);
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
    try {
      const request = await exportRequestOf(flags, { store, collections, place, files }, context);
      if (flags.dryRun === true) return previewOutcome(await previewExport(request), place.url);
      return exportOutcome(await exportTo(place, request, flags, context), flags, context);
    } catch (error) {
      throw exportError(error, place, context);
    }
  });
}

async function exportTo(
  place: DatasetPlace,
  request: ExportRequest,
  flags: ExportFlags,
  context: CommandContext,
): Promise<Exported> {
  const { signal } = context;
  const begun = performance.now();
  const report = await exportDataset(request);
  const milliseconds = performance.now() - begun;
  const validation =
    flags.verify === true ? await checkFiles(await openDataset(place.storage, { signal }), context) : undefined;
  return { report, validation, milliseconds };
}

function exportError(error: unknown, place: DatasetPlace, { progress, args, terminal }: CommandContext): CommandError {
  const begun = progress.moved.size > 0;
  return new CommandError(error, {
    begun,
    advice: begun ? 'The parts that are complete are kept.' : undefined,
    resume: commandLine(resumeArguments(args, place.url), terminal.env),
  });
}
