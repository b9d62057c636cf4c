import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CollectionDescription, metadataFromTexts, type VectorBatch } from '@vecport/abstractions';
import { collectionFolder, completeDataset, encodingOf, openPart, type PartEntry, sumDigests } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { metadataOf, numbers, uuidOf } from './providers/points.js';

/** Points, and how long their vectors are. */
export interface Shape {
  readonly points: number;
  readonly dimension: number;
}

const COLLECTION = 'points';
/** More than any row group has, so that none is cut short. */
const PART_ROWS = 100_000;
const BATCH_ROWS = 1000;

/**
 * A dataset of points as embeddings are, with some 300 bytes of metadata each, in Parquet without compression, which is
 * read at little cost. Kept between runs; it appears only when it is full. Gives its folder.
 */
export async function strategySource({ points, dimension }: Shape): Promise<string> {
  const folder = join(tmpdir(), 'vecport-benchmarks', `strategies-${points}x${dimension}`);
  if (existsSync(folder)) return folder;
  process.stderr.write(`filling ${folder}\n`);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  const storage = localStorage(partial);
  const vector = { kind: 'dense', dimension, elementType: 'float32', metric: 'cosine' } as const;
  const description: CollectionDescription = { name: COLLECTION, vectors: { default: vector }, idKinds: ['uuid'] };
  const encoding = encodingOf(undefined, { compression: 'none', vectors: 'plain' });
  const parts: PartEntry[] = [];
  for (let first = 0; first < points; first += PART_ROWS) {
    const schema = { vectors: description.vectors, createdAt: false, updatedAt: false };
    const part = await openPart(storage, { collection: COLLECTION, slice: 0, index: parts.length, schema, encoding });
    const end = Math.min(points, first + PART_ROWS);
    for (let row = first; row < end; row += BATCH_ROWS)
      await part.write(pointBatch(row, Math.min(BATCH_ROWS, end - row), dimension));
    parts.push(await part.commit());
  }
  const now = new Date().toISOString();
  const digest = sumDigests(parts.map((part) => part.digest));
  const counts = { exported: points, quarantined: 0 };
  const collection = { name: COLLECTION, path: collectionFolder(COLLECTION), description, counts, digest, parts };
  await completeDataset(storage, {
    ...{ formatVersion: 1, id: 'strategies', tool: { name: 'benchmark', version: '0' }, status: 'complete' },
    ...{ source: { provider: 'generated' }, startedAt: now, completedAt: now, layout: 'native', encoding, losses: [] },
    collections: [{ ...collection, consistency: 'snapshot' }],
  });
  await rename(partial, folder);
  return folder;
}

function pointBatch(first: number, rows: number, dimension: number): VectorBatch {
  const ids: string[] = [];
  const texts: string[] = [];
  const values = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    const next = numbers(first + row);
    ids.push(uuidOf(next));
    texts.push(JSON.stringify(metadataOf(first + row, next)));
    fillUnitVector(values.subarray(row * dimension, (row + 1) * dimension), next);
  }
  return { ids, vectors: { default: { kind: 'dense', dimension, values } }, metadata: metadataFromTexts(texts) };
}

/** The sum of a few numbers is about as normal as embeddings are. */
function fillUnitVector(values: Float32Array, next: () => number): void {
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    const value = (next() + next() + next()) / 2 ** 32 - 1.5;
    values[at] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / length;
}
