import type { PointStruct } from '@qdrant/js-client-grpc';
import type { VectorBatch } from '@vecport/abstractions';
import { qdrant } from '@vecport/adapter-qdrant';
import { createHost } from '@vecport/core';
import { type MadePoint, madeBatch, madePoints, writeAll } from '../made-points.js';
import type { Metadata } from '../providers/points.js';
import { report } from '../report.js';
import type { ImportTask } from './wire-task.js';

/** Points of a request; requests under way. The same for both ways. */
const BATCH = 500;
/** The official client ends its connection when much more than ten megabytes are under way. */
const IN_FLIGHT = 2;
/** Different batches, which are written again and again. */
const BATCHES = 16;

/** Columns through the repository, as an import has them. */
export async function importWithVecport(task: ImportTask): Promise<void> {
  const { httpPort, grpcPort, collection } = task;
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [qdrant()] });
  try {
    const store = await host.catalog.open(`qdrant://127.0.0.1:${httpPort}?grpc-port=${grpcPort}`);
    const repository = await store.repository(collection);
    const batches = Array.from({ length: BATCHES }, (_, n) => madeBatch(n * BATCH, BATCH, task.dimension));
    await report(async () =>
      writeAll(requestsFor(task.points), IN_FLIGHT, async (n) => {
        const { accepted } = await repository.upsertMany(batches[n] as VectorBatch);
        return accepted;
      }),
    );
  } finally {
    await host.close();
  }
}

/** Objects through the official client, as its documentation shows. */
export async function importPlainly(task: ImportTask): Promise<void> {
  const { QdrantClient } = await import('@qdrant/js-client-grpc');
  const { grpcPort, collection } = task;
  const client = new QdrantClient({ host: '127.0.0.1', port: grpcPort, checkCompatibility: false, compression: false });
  const points = client.api('points');
  const groups = Array.from({ length: BATCHES }, (_, n) =>
    madePoints(n * BATCH, BATCH, task.dimension).map(pointStruct),
  );
  await report(async () =>
    writeAll(requestsFor(task.points), IN_FLIGHT, async (n) => {
      await points.upsert({ collectionName: collection, wait: true, points: groups[n] as PointStruct[] });
      return BATCH;
    }),
  );
}

/** Of each request, which of the made batches it is. */
const requestsFor = (points: number): Iterable<number> =>
  Array.from({ length: Math.ceil(points / BATCH) }, (_, n) => n % BATCHES);

function pointStruct({ id, vector, metadata }: MadePoint): PointStruct {
  return {
    id: { pointIdOptions: { case: 'uuid', value: id } },
    vectors: {
      vectorsOptions: {
        case: 'vector',
        value: { vector: { case: 'dense', value: { data: Array.from(vector) } } },
      },
    },
    payload: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, { kind: grpcValue(value) }])),
  } as PointStruct;
}

function grpcValue(value: Metadata[string]): object {
  if (typeof value === 'string') return { case: 'stringValue', value };
  if (typeof value === 'boolean') return { case: 'boolValue', value };
  if (typeof value !== 'number') {
    return { case: 'listValue', value: { values: value.map((one) => ({ kind: grpcValue(one) })) } };
  }
  return Number.isInteger(value) ? { case: 'integerValue', value: BigInt(value) } : { case: 'doubleValue', value };
}
