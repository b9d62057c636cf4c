import { setFlagsFromString } from 'node:v8';
import { Client } from '@elastic/elasticsearch';
import { batchFromRecords, type VectorBatch } from '@vecport/abstractions';
import { elastic } from '@vecport/adapter-elastic';
import { createHost } from '@vecport/core';
import { type Metadata, metadataOf, numbers, uuidOf } from '../providers/points.js';
import { report } from '../report.js';

/*
 * A process of the benchmark of imports into Elasticsearch: `import-task.js TASK`, the task as JSON; it prints a Sample.
 * The points are made before, and the index; what is counted ends when all of them can be searched.
 */

/** What is written, where and how. */
export interface ElasticImportTask {
  readonly kind: 'vecport' | 'bulk-helper';
  /** The server as Vecport opens it, and as the client does. */
  readonly storeUrl: string;
  readonly node: string;
  readonly collection: string;
  readonly points: number;
  readonly dimension: number;
}

/** Bytes of vectors in a batch, about as many as a page of a dataset has, and batches under way, as in an import. */
const BATCH_BYTES = 4 * 2 ** 20;
const PARALLEL = 2;

async function importWithVecport(task: ElasticImportTask): Promise<void> {
  setFlagsFromString('--semi-space-growth-factor=1');
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [elastic()] });
  try {
    const store = await host.catalog.open(task.storeUrl);
    const repository = await store.repository(task.collection);
    const size = Math.floor(BATCH_BYTES / (4 * task.dimension));
    const batches = Array.from({ length: Math.ceil(task.points / size) }, (_, n) =>
      batchOf(task, n * size, Math.min(size, task.points - n * size)),
    );
    await report(async () => {
      const tuned = await repository.bulkLoad?.();
      const queue = batches.values();
      const written = await Promise.all(
        Array.from({ length: PARALLEL }, async () => {
          let rows = 0;
          for (const batch of queue) rows += (await repository.upsertMany(batch)).accepted;
          return rows;
        }),
      );
      await tuned?.restore();
      return { rows: written.reduce((sum, rows) => sum + rows, 0) };
    });
  } finally {
    await host.close();
  }
}

/** As the documentation of the client shows: its defaults, documents with lists of numbers. */
async function importWithBulkHelper({ node, collection, points, dimension }: ElasticImportTask): Promise<void> {
  const client = new Client({ node, requestTimeout: 120_000 });
  const documents = Array.from({ length: points }, (_, n) => {
    const { id, vector, metadata } = pointOf(n, dimension);
    return { id, source: { ...metadata, embedding: Array.from(vector) } };
  });
  await report(async () => {
    const { successful } = await client.helpers.bulk({
      datasource: documents,
      onDocument: ({ id, source }) => [{ index: { _index: collection, _id: id } }, source] as never,
      refreshOnCompletion: collection,
    });
    return { rows: successful };
  });
  await client.close();
}

interface MadePoint {
  readonly id: string;
  readonly vector: Float32Array;
  readonly metadata: Metadata;
}

function pointOf(n: number, dimension: number): MadePoint {
  const next = numbers(n);
  const id = uuidOf(next);
  const vector = new Float32Array(dimension);
  for (let at = 0; at < dimension; at++) vector[at] = next() / 2 ** 31 - 1;
  return { id, vector, metadata: metadataOf(n, next) };
}

function batchOf({ dimension }: ElasticImportTask, first: number, count: number): VectorBatch {
  const made = Array.from({ length: count }, (_, row) => pointOf(first + row, dimension));
  return batchFromRecords(made.map(({ id, vector, metadata }) => ({ id, vectors: { default: vector }, metadata })));
}

const task = JSON.parse(process.argv[2] ?? '{}') as ElasticImportTask;
await (task.kind === 'vecport' ? importWithVecport(task) : importWithBulkHelper(task));
