import { cleanDatasets, type UnfinishedExport } from '@vecport/transfer';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { openDatasetStorage } from '../dataset-place.js';
import { EXIT_CODES } from '../exit-codes.js';
import { formatBytes, formatCount, formatDuration, plural } from '../output/format.js';
import { renderTable } from '../output/render-table.js';

/** What can be typed after `vecport clean <url>`. */
export interface CleanFlags {
  readonly olderThan: number;
  readonly dryRun?: boolean | undefined;
}

/** Remove what dead exports left behind; or tell what would be removed. */
export async function runClean(
  url: string,
  { olderThan: olderThanMs, dryRun = false }: CleanFlags,
  context: CommandContext,
): Promise<CommandOutcome> {
  const root = await openDatasetStorage(url, context);
  const { swept, exports } = await cleanDatasets({ root, olderThanMs, dryRun, signal: context.signal });
  const removed = exports.filter(({ outcome }) => outcome === 'removed');
  const bytes = removed.reduce((sum, entry) => sum + entry.bytes, 0);
  const verb = dryRun ? 'would be removed' : 'removed';
  return {
    exitCode: EXIT_CODES.done,
    text: [
      ...(exports.length === 0 ? [] : [exportTable(exports, { now: Date.now(), dryRun })]),
      `${plural(removed.length, 'unfinished export')} ${verb}, ${formatBytes(bytes)}.`,
      ...(dryRun ? [] : [`${plural(swept, 'file')} of uploads that were not ended removed.`]),
    ].join('\n'),
    json: { command: 'clean', url: root.url, dryRun, olderThanMs, swept, exports },
  };
}

const OUTCOMES = {
  removed: 'removed',
  recent: 'left: it changed a short time ago (--older-than)',
  held: 'left: a process is at work there',
} as const;

function exportTable(
  exports: readonly UnfinishedExport[],
  { now, dryRun }: { readonly now: number; readonly dryRun: boolean },
): string {
  return renderTable(
    [
      { title: 'Unfinished export' },
      { title: 'Files', align: 'right' },
      { title: 'Bytes', align: 'right' },
      { title: 'Unchanged for', align: 'right' },
      { title: 'Outcome' },
    ],
    exports.map(({ folder, files, bytes, modifiedAt, outcome }) => [
      folder === '' ? '.' : folder,
      formatCount(files),
      formatBytes(bytes),
      formatDuration(Math.max(0, now - modifiedAt)),
      dryRun && outcome === 'removed' ? 'would be removed' : OUTCOMES[outcome],
    ]),
  );
}
