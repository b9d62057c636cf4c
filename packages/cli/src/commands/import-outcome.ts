import type { Comparison, ImportedCollection, ImportReport } from '@vecport/transfer';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { listText } from '../output/collection-tables.js';
import { formatCount, formatDuration, plural, shorten } from '../output/format.js';
import { parityText, quarantineText } from '../output/parity-text.js';
import { formatMovedRate } from '../output/progress-tracker.js';
import { renderTable } from '../output/render-table.js';

/** How many refused points are shown; `--json` has more of them. */
const SHOWN_FAILURES = 10;

/** What an outcome depends on beside the report. */
export interface ImportOutcomeOptions {
  readonly moved: CommandContext['progress']['moved'];
  /** Refused points are no failure. */
  readonly allowQuarantine: boolean;
}

/** What is told of an import: its table, refused points and differences. Exit code 3 when it is not complete. */
export function importOutcome(
  report: ImportReport,
  url: string,
  milliseconds: number,
  { moved, allowQuarantine }: ImportOutcomeOptions,
): CommandOutcome {
  const { collections, complete, resumed, parity, quarantine } = report;
  const equal = collections.every(({ comparison }) => comparison?.equal !== false);
  const differences = collections.flatMap(({ target, comparison }) =>
    (comparison?.differences ?? []).map((difference) => `${target}: ${difference}`),
  );
  return {
    exitCode: complete || (allowQuarantine && equal && parity?.ok !== false) ? EXIT_CODES.done : EXIT_CODES.incomplete,
    text: [
      importTable(collections, moved, resumed),
      `Store: ${url}`,
      `Done in ${formatDuration(milliseconds)}.${removedText(collections)}${refusedText(collections)}${quarantineText(quarantine)}` +
        `${listText('Differences', differences)}${parityText(parity)}`,
    ].join('\n'),
    json: {
      command: 'import',
      url,
      complete,
      resumed,
      milliseconds: Math.round(milliseconds),
      collections,
      quarantine,
      parity,
    },
  };
}

function removedText(collections: readonly ImportedCollection[]): string {
  const removed = collections.reduce((sum, collection) => sum + (collection.removed ?? 0), 0);
  return removed === 0 ? '' : ` ${plural(removed, 'point')} that are gone were removed.`;
}

/** Collections that were written, as a table. */
export function importTable(
  collections: readonly ImportedCollection[],
  moved: CommandContext['progress']['moved'],
  resumed: boolean,
): string {
  return renderTable(
    [
      { title: 'Collection' },
      { title: 'Target' },
      { title: 'Accepted', align: 'right' },
      { title: 'Refused', align: 'right' },
      { title: 'Points/s', align: 'right' },
      { title: 'Verified' },
    ],
    collections.map(({ name, target, accepted, refused, comparison, notVerified }) => [
      name,
      target,
      formatCount(accepted),
      formatCount(refused),
      formatMovedRate(moved.get(name), resumed),
      verifiedText(comparison, notVerified),
    ]),
  );
}

function verifiedText(comparison: Comparison | undefined, notVerified: string | undefined): string {
  if (comparison !== undefined) return comparison.equal ? 'equal' : 'NOT EQUAL';
  return notVerified === undefined ? 'no' : 'cannot be read back';
}

/** Points that were refused, with their reasons; nothing when there are none. */
export function refusedText(collections: readonly ImportedCollection[]): string {
  const failed = collections.flatMap(({ target, failed: failures }) =>
    failures.map(({ id, reason }) => `${target} / ${shorten(id, 60)}: ${shorten(reason, 200)}`),
  );
  const refused = collections.reduce((sum, collection) => sum + collection.refused, 0);
  const shown = failed.slice(0, SHOWN_FAILURES);
  const more = refused > shown.length ? [`and ${formatCount(refused - shown.length)} more`] : [];
  return listText(`${plural(refused, 'point')} refused`, [...shown, ...more]);
}
