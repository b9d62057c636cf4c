import { hash } from 'node:crypto';
import { rows, type VectorBatch, type VectorValue } from '@vecport/abstractions';
import { createIdSet, createVectorStatistics, type Dataset, type IdSet, type VectorStatistics } from '@vecport/dataset';
import { createProgressMeter } from '@vecport/transfer';
import type { CommandContext } from '../command-context.js';
import { formatCount } from '../output/format.js';
import { renderTable } from '../output/render-table.js';

/** What was found out of the vectors of one name. */
interface MeasuredVector extends VectorStatistics {
  /** Points whose vector equals an earlier point's to the last bit. */
  readonly duplicates: number;
}

/** By the name of the vector. */
export type MeasuredVectors = Readonly<Record<string, MeasuredVector>>;

/** Read a collection of a dataset and measure its vectors. Memory: some 20 bytes a point and vector. */
export async function measureVectors(
  dataset: Dataset,
  name: string,
  { signal, progress }: Pick<CommandContext, 'signal' | 'progress'>,
): Promise<MeasuredVectors> {
  const collection = dataset.collection(name);
  const tell = progress.listen({ read: 'Measuring', validate: '', verify: '' }, createProgressMeter());
  const statistics = createVectorStatistics();
  const seen = new Map<string, IdSet>();
  const duplicates = new Map<string, number>();
  let done = 0;
  for await (const batch of dataset.read(collection, { signal })) {
    statistics.add(batch);
    countDuplicates(batch, seen, duplicates);
    done += batch.ids.length;
    tell({ phase: 'read', collection: name, done, total: collection.counts.exported, bytes: 0 });
  }
  return Object.fromEntries(
    Object.entries(statistics.value()).map(([vector, found]) => [
      vector,
      { ...found, duplicates: duplicates.get(vector) ?? 0 },
    ]),
  );
}

function countDuplicates(batch: VectorBatch, seen: Map<string, IdSet>, duplicates: Map<string, number>): void {
  for (const row of rows(batch)) {
    for (const name of Object.keys(batch.vectors)) {
      const value = row.vector(name);
      if (value === undefined) continue;
      const own = seen.get(name) ?? createIdSet();
      seen.set(name, own);
      if (!own.add(fingerprint(value))) duplicates.set(name, (duplicates.get(name) ?? 0) + 1);
    }
  }
}

function fingerprint(value: VectorValue): string {
  if (value instanceof Float32Array) return hash('sha1', value, 'base64');
  if ('indices' in value) return hash('sha1', value.indices, 'base64') + hash('sha1', value.values, 'base64');
  return value.map((one) => hash('sha1', one, 'base64')).join('');
}

/** What was measured, as a table: a row for each vector of each collection. */
export function statisticsTable(measured: ReadonlyMap<string, MeasuredVectors>): string {
  return renderTable(
    [
      { title: 'Collection' },
      { title: 'Vector' },
      ...['Vectors', 'Missing', 'Zero', 'Not finite', 'Duplicates', 'Norm min', 'mean', 'max'].map(
        (title) => ({ title, align: 'right' }) as const,
      ),
    ],
    [...measured].flatMap(([collection, vectors]) =>
      Object.entries(vectors).map(([name, { vectors: count, missing, zero, notFinite, duplicates, norm }]) => [
        collection,
        name,
        ...[count, missing, zero, notFinite, duplicates].map(formatCount),
        ...[norm?.min, norm?.mean, norm?.max].map((value) =>
          value === undefined ? '–' : String(Number(value.toPrecision(6))),
        ),
      ]),
    ),
  );
}
