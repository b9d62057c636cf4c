import type { OpenStore } from '@vecport/core';
import { openDataset } from '@vecport/dataset';
import { createProgressMeter, type ImportedCollection, type ImportReport, importDataset } from '@vecport/transfer';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { appendArguments, commandLine } from '../command-line.js';
import { openDatasetStorage } from '../dataset-place.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { listText } from '../output/collection-tables.js';
import { formatCount, formatDuration, plural, shorten } from '../output/format.js';
import { formatMovedRate } from '../output/progress-tracker.js';
import { renderTable } from '../output/render-table.js';
import { usageError } from '../usage-error.js';
import { PHASES } from './phases.js';

/** How many refused points are shown; `--json` has all of them. */
const SHOWN_FAILURES = 10;

/** What can be typed after `vecport import`. */
export interface ImportFlags {
  readonly from: string;
  readonly to: string;
  readonly collection?: string | undefined;
  readonly as?: string | undefined;
  readonly mode: 'create' | 'append' | 'replace';
  readonly force?: boolean | undefined;
  readonly batchSize?: number | undefined;
  readonly parallel?: number | undefined;
  readonly verify?: boolean | undefined;
}

/** Import a dataset into a store. */
export async function runImport(flags: ImportFlags, context: CommandContext): Promise<CommandOutcome> {
  if (flags.mode === 'replace' && flags.force !== true) {
    throw usageError(
      '--mode replace drops the target collection with all its points.',
      'Add --force if that is meant.',
    );
  }
  const { signal, progress } = context;
  const storage = await openDatasetStorage(flags.from);
  return withHost(context, async (host) => {
    const store = await host.catalog.open(flags.to, { signal });
    const as = targetName(store, flags);
    const begun = performance.now();
    try {
      const report = await importDataset({
        dataset: await openDataset(storage, { signal }),
        target: store,
        collection: flags.collection,
        as,
        mode: flags.mode,
        verify: flags.verify,
        parallel: flags.parallel,
        batchSize: flags.batchSize,
        signal,
        onProgress: progress.listen({ ...PHASES, read: 'Importing' }, createProgressMeter()),
      });
      return outcomeOf(report, store, performance.now() - begun, context);
    } catch (error) {
      throw importError(error, context);
    }
  });
}

function targetName(store: OpenStore, { as }: ImportFlags): string | undefined {
  const { defaultCollection } = store;
  if (as !== undefined && defaultCollection !== undefined && as !== defaultCollection) {
    throw usageError(
      `The store URL names the target '${defaultCollection}', --as names '${as}'.`,
      'Leave one of them away.',
    );
  }
  return as ?? defaultCollection;
}

function importError(error: unknown, { progress, args, terminal }: CommandContext): CommandError {
  if (progress.moved.size === 0) return new CommandError(error, { damaged: true, advice: 'No point was written.' });
  return new CommandError(error, {
    begun: true,
    damaged: true,
    advice: 'Points that were written are kept; those of the same id are replaced when the import goes on.',
    resume: commandLine(appendArguments(args), terminal.env),
  });
}

function outcomeOf(
  report: ImportReport,
  store: OpenStore,
  milliseconds: number,
  context: CommandContext,
): CommandOutcome {
  const { collections, complete } = report;
  const differences = collections.flatMap(({ target, comparison }) =>
    (comparison?.differences ?? []).map((difference) => `${target}: ${difference}`),
  );
  return {
    exitCode: complete ? EXIT_CODES.done : EXIT_CODES.incomplete,
    text: [
      importTable(collections, context),
      `Store: ${store.url}`,
      `Done in ${formatDuration(milliseconds)}.${refusedText(collections)}${listText('Differences', differences)}`,
    ].join('\n'),
    json: { command: 'import', url: store.url, complete, milliseconds: Math.round(milliseconds), collections },
  };
}

function importTable(collections: readonly ImportedCollection[], { progress }: CommandContext): string {
  return renderTable(
    [
      { title: 'Collection' },
      { title: 'Target' },
      { title: 'Accepted', align: 'right' },
      { title: 'Refused', align: 'right' },
      { title: 'Points/s', align: 'right' },
      { title: 'Verified' },
    ],
    collections.map(({ name, target, accepted, failed, comparison }) => [
      name,
      target,
      formatCount(accepted),
      formatCount(failed.length),
      formatMovedRate(progress.moved.get(name)),
      comparison === undefined ? 'no' : comparison.equal ? 'equal' : 'NOT EQUAL',
    ]),
  );
}

function refusedText(collections: readonly ImportedCollection[]): string {
  const failed = collections.flatMap(({ target, failed: failures }) =>
    failures.map(({ id, reason }) => `${target} / ${shorten(id, 60)}: ${shorten(reason, 200)}`),
  );
  const shown = failed.slice(0, SHOWN_FAILURES);
  const more = failed.length > shown.length ? [`and ${formatCount(failed.length - shown.length)} more`] : [];
  return listText(`${plural(failed.length, 'point')} refused`, [...shown, ...more]);
}
