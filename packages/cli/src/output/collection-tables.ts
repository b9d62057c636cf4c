import type { VectorSpec } from '@vecport/abstractions';
import type { CollectionSummary } from '@vecport/dataset';
import { formatBytes, formatCount } from './format.js';
import { renderTable } from './render-table.js';

/** Digits of a digest that tell it apart for the eye; the whole one is in the manifest and in `--json`. */
const SHOWN_DIGEST = 12;

/** The collections of a dataset as a table; with a column of rates when there are any. */
export function collectionTable(
  collections: readonly CollectionSummary[],
  rates?: ReadonlyMap<string, string>,
): string {
  return renderTable(
    [
      { title: 'Collection' },
      { title: 'Points', align: 'right' },
      { title: 'Dimension', align: 'right' },
      { title: 'Parts', align: 'right' },
      { title: 'Bytes', align: 'right' },
      ...(rates === undefined ? [] : [{ title: 'Points/s', align: 'right' } as const]),
      { title: 'Consistency' },
      { title: 'Digest' },
    ],
    collections.map((collection) => [
      collection.name,
      formatCount(collection.points),
      dimensionText(collection.vectors),
      formatCount(collection.parts),
      formatBytes(collection.bytes),
      ...(rates === undefined ? [] : [rates.get(collection.name) ?? '–']),
      collection.consistency,
      collection.digest.slice(0, SHOWN_DIGEST),
    ]),
  );
}

/** The dimensions of a collection: `384`, or by name where it has several vectors: `image 512, text sparse`. */
export function dimensionText(vectors: Readonly<Record<string, VectorSpec>>): string {
  const entries = Object.entries(vectors);
  const size = ({ kind, dimension }: VectorSpec): string => {
    if (kind === 'sparse') return 'sparse';
    const floats = dimension === undefined ? '?' : String(dimension);
    return kind === 'multi' ? `n×${floats}` : floats;
  };
  if (entries.length === 1) return entries.map(([, spec]) => size(spec)).join('');
  return entries.map(([name, spec]) => `${name} ${size(spec)}`).join(', ');
}

/** A list with its title, or nothing when it is empty. */
export function listText(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `\n${title}:\n${items.map((item) => `  - ${item}`).join('\n')}`;
}
