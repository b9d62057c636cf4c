import type { CollectionPreview, ExportPreview } from '@vecport/transfer';
import type { CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { dimensionText, listText } from '../output/collection-tables.js';
import { formatBytes, formatCount, formatDuration, plural } from '../output/format.js';
import { renderTable } from '../output/render-table.js';

const TARGETS = {
  empty: 'free',
  unfinished: 'holds an unfinished export: go on with it with --resume, or choose another folder',
  complete: 'holds a complete dataset: choose another folder',
} as const;

/** What is told of an export that was not done. */
export function previewOutcome({ plan, target, collections }: ExportPreview, url: string): CommandOutcome {
  const notes = collections.flatMap((collection) => notesOf(collection).map((note) => `${collection.name}: ${note}`));
  return {
    exitCode: EXIT_CODES.done,
    text: [
      previewTable(collections),
      `Dataset: ${url} (${TARGETS[target]})`,
      `Nothing was written. Bytes and times are estimates: bytes of all columns before compression, and the time of reading.${listText('Notes', notes)}`,
    ].join('\n'),
    json: { command: 'export', dryRun: true, url, target, collections, plan },
  };
}

function previewTable(collections: readonly CollectionPreview[]): string {
  return renderTable(
    [
      { title: 'Collection' },
      { title: 'Points', align: 'right' },
      { title: 'Dimension', align: 'right' },
      { title: 'Slices', align: 'right' },
      { title: 'Parts', align: 'right' },
      { title: 'Bytes, about', align: 'right' },
      { title: 'Time, about', align: 'right' },
      { title: 'Consistency' },
    ],
    collections.flatMap((collection) => [
      [
        collection.name,
        known(collection.points, formatCount),
        dimensionText(collection.vectors),
        formatCount(collection.slices),
        known(collection.parts, formatCount),
        known(collection.estimatedBytes, formatBytes),
        known(collection.estimatedMs, formatDuration),
        [...new Set(collection.units.map(({ consistency }) => consistency))].join(', '),
      ],
      ...tenantRows(collection),
    ]),
  );
}

function tenantRows({ units }: CollectionPreview): readonly (readonly string[])[] {
  return units.flatMap(({ tenant, points, slices, parts, consistency }) =>
    tenant === undefined
      ? []
      : [
          [
            `  ${tenant}`,
            known(points, formatCount),
            '',
            formatCount(slices),
            known(parts, formatCount),
            '',
            '',
            consistency,
          ],
        ],
  );
}

function notesOf({ readCost, sample, warnings, partRows }: CollectionPreview): readonly string[] {
  const measured =
    sample === undefined
      ? []
      : [`estimated by a page of ${plural(sample.points, 'point')}, read in ${formatDuration(sample.milliseconds)}`];
  return [
    `a part has ${plural(partRows, 'point')} at most`,
    ...measured,
    ...(readCost === undefined ? [] : [readCost]),
    ...warnings,
  ];
}

function known(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? 'unknown' : format(value);
}
