import { setFlagsFromString } from 'node:v8';
import { Client } from '@elastic/elasticsearch';
import { elastic } from '@vecport/adapter-elastic';
import { createHost } from '@vecport/core';
import { madeBatch, madePoints, writeAll } from '../made-points.js';
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
      madeBatch(n * size, Math.min(size, task.points - n * size), task.dimension),
    );
    await report(async () => {
      const tuned = await repository.bulkLoad?.();
      const written = await writeAll(batches, PARALLEL, async (batch) => (await repository.upsertMany(batch)).accepted);
      await tuned?.restore();
      return written;
    });
  } finally {
    await host.close();
  }
}

/** As the documentation of the client shows: its defaults, documents with lists of numbers. */
async function importWithBulkHelper({ node, collection, points, dimension }: ElasticImportTask): Promise<void> {
  const client = new Client({ node, requestTimeout: 120_000 });
  const documents = madePoints(0, points, dimension).map(({ id, vector, metadata }) => ({
    id,
    source: { ...metadata, embedding: Array.from(vector) },
  }));
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

const task = JSON.parse(process.argv[2] ?? '{}') as ElasticImportTask;
await (task.kind === 'vecport' ? importWithVecport(task) : importWithBulkHelper(task));
