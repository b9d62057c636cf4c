import type { PointStruct } from '@qdrant/js-client-grpc';
import { batchFromRecords, type VectorBatch } from '@vecport/abstractions';
import { qdrant } from '@vecport/adapter-qdrant';
import { createHost } from '@vecport/core';
import { type Metadata, metadataOf, numbers, uuidOf } from '../providers/points.js';
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
    const batches = madeBatches(task);
    await report(async () =>
      inFlight(task.points, async (n) => {
        const { accepted } = await repository.upsertMany(batches[n % BATCHES] as VectorBatch);
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
  const groups = Array.from({ length: BATCHES }, (_, n) => pointsOf(n, task).map(pointStruct));
  await report(async () =>
    inFlight(task.points, async (n) => {
      await points.upsert({ collectionName: collection, wait: true, points: groups[n % BATCHES] as PointStruct[] });
      return BATCH;
    }),
  );
}

async function inFlight(points: number, write: (n: number) => Promise<number>): Promise<{ readonly rows: number }> {
  const queue = Array.from({ length: Math.ceil(points / BATCH) }, (_, n) => n).values();
  const written = await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      let rows = 0;
      for (const n of queue) rows += await write(n);
      return rows;
    }),
  );
  return { rows: written.reduce((sum, rows) => sum + rows, 0) };
}

interface MadePoint {
  readonly id: string;
  readonly vector: Float32Array;
  readonly metadata: Metadata;
}

function pointsOf(batch: number, { dimension }: ImportTask): MadePoint[] {
  return Array.from({ length: BATCH }, (_, row) => {
    const n = batch * BATCH + row;
    const next = numbers(n);
    const vector = Float32Array.from({ length: dimension }, () => next() / 2 ** 31 - 1);
    return { id: uuidOf(next), vector, metadata: metadataOf(n, next) };
  });
}

function madeBatches(task: ImportTask): readonly VectorBatch[] {
  return Array.from({ length: BATCHES }, (_, n) =>
    batchFromRecords(
      pointsOf(n, task).map(({ id, vector, metadata }) => ({ id, vectors: { default: vector }, metadata })),
    ),
  );
}

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
