import { ProtoReader, ProtoWriter } from '@vecport/wire';
import type { MilvusClient } from './client.js';
import { type KeyValues, readKeyValue, writeKeyValues } from './key-values.js';
import { type MilvusSchema, readSchema, writeSchema } from './schema.js';
import type { MilvusCallOptions } from './transport.js';

// Field numbers are those of milvus.proto, which only ever adds some.

/** A collection as DescribeCollection tells it. */
export interface DescribedCollection {
  readonly schema: MilvusSchema;
  readonly properties: KeyValues;
  readonly shards: number;
  readonly consistencyLevel: number;
  /** How many partitions there are; `undefined` where the server does not say. */
  readonly partitions?: number | undefined;
}

/** An index as DescribeIndex tells it. */
export interface MilvusIndex {
  readonly name: string;
  readonly field: string;
  readonly params: KeyValues;
}

/** What a collection is made of. */
export interface NewCollection {
  readonly schema: MilvusSchema;
  readonly properties: KeyValues;
  readonly shards: number | undefined;
  readonly consistencyLevel: number | undefined;
  /** Number of hidden partitions of a collection with a partition key; the server's own number if not said. */
  readonly partitions: number | undefined;
  readonly indexes: readonly MilvusIndex[];
}

/** Names of all collections of the database. */
export async function listCollections(client: MilvusClient, options: MilvusCallOptions): Promise<string[]> {
  return texts(await client.read('ShowCollections', new ProtoWriter(), options), 2);
}

/** Names of all partitions of a collection. */
export async function listPartitions(
  client: MilvusClient,
  collection: string,
  options: MilvusCallOptions,
): Promise<string[]> {
  return texts(await client.read('ShowPartitions', named(3, collection), options), 2);
}

/** @throws VecportError `not-found`. */
export async function describeCollection(
  client: MilvusClient,
  collection: string,
  options: MilvusCallOptions,
): Promise<DescribedCollection> {
  const reader = new ProtoReader(await client.read('DescribeCollection', named(3, collection), options));
  const properties: Record<string, string> = {};
  let schema = readSchema(new Uint8Array(0));
  let [shards, consistencyLevel, partitions] = [1, 0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) schema = readSchema(reader.data());
    else if (field === 8) shards = reader.int32();
    else if (field === 11) consistencyLevel = reader.varint();
    else if (field === 13) readKeyValue(reader, properties);
    else if (field === 15) partitions = reader.varint();
    else reader.skip();
  }
  return { schema, properties, shards, consistencyLevel, partitions: partitions === 0 ? undefined : partitions };
}

/** All indexes of a collection, by field. */
export async function describeIndexes(
  client: MilvusClient,
  collection: string,
  options: MilvusCallOptions,
): Promise<MilvusIndex[]> {
  const indexes: MilvusIndex[] = [];
  const reader = new ProtoReader(await client.read('DescribeIndex', named(3, collection), options));
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) indexes.push(readIndex(reader));
    else reader.skip();
  }
  return indexes.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0));
}

/** Make a collection without its indexes. */
export async function createCollection(
  client: MilvusClient,
  name: string,
  plan: NewCollection,
  options: MilvusCallOptions,
): Promise<void> {
  const request = named(3, name).data(4, writeSchema(name, plan.schema));
  if (plan.shards !== undefined) request.varint(5, plan.shards);
  if (plan.consistencyLevel !== undefined) request.varint(6, plan.consistencyLevel);
  writeKeyValues(request, 7, plan.properties);
  if (plan.partitions !== undefined) request.varint(8, plan.partitions);
  await client.call('CreateCollection', request, options);
}

/** Make an index. */
export async function createIndex(
  client: MilvusClient,
  collection: string,
  { name, field, params }: MilvusIndex,
  options: MilvusCallOptions,
): Promise<void> {
  const request = named(3, collection).text(4, field);
  writeKeyValues(request, 5, params);
  if (name !== '') request.text(6, name);
  await client.call('CreateIndex', request, options);
}

/** Remove a collection; no error when there is none. */
export async function dropCollection(
  client: MilvusClient,
  collection: string,
  options: MilvusCallOptions,
): Promise<void> {
  await client.call('DropCollection', named(3, collection), options);
}

/** Make a partition. @throws VecportError `already-exists` from some servers; others leave it as it is. */
export async function createPartition(
  client: MilvusClient,
  collection: string,
  partition: string,
  options: MilvusCallOptions,
): Promise<void> {
  await client.call('CreatePartition', named(3, collection).text(4, partition), options);
}

/** Begin to load a collection. */
export async function startLoading(
  client: MilvusClient,
  collection: string,
  options: MilvusCallOptions,
): Promise<void> {
  await client.call('LoadCollection', named(3, collection).varint(4, 1), options);
}

/** How much of a collection is loaded, 0 … 100. @throws VecportError `not-supported` when nobody loads it. */
export async function loadingProgress(
  client: MilvusClient,
  collection: string,
  options: MilvusCallOptions,
): Promise<number> {
  const reader = new ProtoReader(await client.read('GetLoadingProgress', named(2, collection), options));
  let progress = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) progress = reader.int32();
    else reader.skip();
  }
  return progress;
}

function named(field: number, collection: string): ProtoWriter {
  return new ProtoWriter().text(field, collection);
}

function texts(answer: Uint8Array, wanted: number): string[] {
  const reader = new ProtoReader(answer);
  const found: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === wanted) found.push(reader.text());
    else reader.skip();
  }
  return found.sort((a, b) => (a < b ? -1 : 1));
}

function readIndex(reader: ProtoReader): MilvusIndex {
  const outer = reader.enter();
  const params: Record<string, string> = {};
  let [name, field] = ['', ''];
  for (let at = reader.next(); at !== 0; at = reader.next()) {
    if (at === 1) name = reader.text();
    else if (at === 3) readKeyValue(reader, params);
    else if (at === 4) field = reader.text();
    else reader.skip();
  }
  reader.leave(outer);
  return { name, field, params };
}
