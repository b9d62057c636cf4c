import { statSync } from 'node:fs';
import type { PointId } from '@qdrant/js-client-grpc';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { report } from '../report.js';
import type { PlainTask } from './wire-task.js';

const PAGE = 1000;
const ROW_GROUP = 10_000;

interface PlainPoint {
  readonly id: string;
  readonly metadata: string;
  readonly vector: readonly number[];
}

type SchemaElements = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

const SCHEMA: SchemaElements = [
  { name: 'root', num_children: 3 },
  { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'metadata', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'vector', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
];

/** The way the clients' documentation shows: pages of objects, written when there are enough of them. */
export async function exportPlainly(task: PlainTask): Promise<void> {
  const pages = task.over === 'grpc' ? grpcPages(task) : restPages(task);
  await report(async () => {
    const writer = new ParquetWriter({ writer: fileWriter(task.output), schema: SCHEMA });
    let group: PlainPoint[] = [];
    let rows = 0;
    for await (const page of pages) {
      group.push(...page);
      rows += page.length;
      if (group.length >= ROW_GROUP) {
        await writeGroup(writer, group);
        group = [];
      }
      if (rows >= task.points) break;
    }
    if (group.length > 0) await writeGroup(writer, group);
    await writer.finish();
    return { rows, bytes: statSync(task.output).size };
  });
}

async function writeGroup(writer: ParquetWriter, points: readonly PlainPoint[]): Promise<void> {
  await writer.write({
    columnData: [
      { name: 'id', data: points.map(({ id }) => id) },
      { name: 'metadata', data: points.map(({ metadata }) => metadata) },
      { name: 'vector', data: points.map(({ vector }) => vector) },
    ],
    rowGroupSize: ROW_GROUP,
  });
}

async function* restPages({ httpPort, collection }: PlainTask): AsyncGenerator<PlainPoint[], void, undefined> {
  const { QdrantClient } = await import('@qdrant/js-client-rest');
  const client = new QdrantClient({ host: '127.0.0.1', port: httpPort, https: false, checkCompatibility: false });
  let offset: string | number | undefined;
  do {
    const page = await client.scroll(collection, {
      limit: PAGE,
      with_payload: true,
      with_vector: true,
      ...(offset === undefined ? {} : { offset }),
    });
    yield page.points.map(({ id, payload, vector }) => ({
      id: String(id),
      metadata: JSON.stringify(payload),
      vector: vector as number[],
    }));
    offset = page.next_page_offset === null ? undefined : (page.next_page_offset as string | number | undefined);
  } while (offset !== undefined);
}

async function* grpcPages({ grpcPort, collection }: PlainTask): AsyncGenerator<PlainPoint[], void, undefined> {
  const { QdrantClient, toDenseVector } = await import('@qdrant/js-client-grpc');
  const { plainFields } = await import('../clients/qdrant.js');
  const client = new QdrantClient({ host: '127.0.0.1', port: grpcPort, checkCompatibility: false, compression: false });
  let offset: PointId | undefined;
  do {
    const page = await client.api('points').scroll({
      collectionName: collection,
      limit: PAGE,
      withPayload: { selectorOptions: { case: 'enable', value: true } },
      withVectors: { selectorOptions: { case: 'enable', value: true } },
      ...(offset === undefined ? {} : { offset }),
    });
    yield page.result.map(({ id, vectors, payload }) => {
      const output = vectors?.vectorsOptions;
      return {
        id: String(id?.pointIdOptions.value),
        metadata: JSON.stringify(plainFields(payload)),
        vector: (output?.case === 'vector' ? toDenseVector(output.value)?.data : undefined) ?? [],
      };
    });
    offset = page.nextPageOffset;
  } while (offset !== undefined);
}
