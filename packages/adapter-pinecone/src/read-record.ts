import { VecportError } from '@vecport/abstractions';
import { BatchBuilder, type BuilderSpec, corrupt, type FloatSink, JsonReader } from '@vecport/wire';
import { PROVIDER } from './config.js';
import type { IndexInfo } from './index-info.js';
import { readMetadata } from './read-metadata.js';

/** Columns for points of an index. */
export function builderFor({ dense, sparse }: IndexInfo, capacity: number): BatchBuilder {
  const specs: Record<string, BuilderSpec> = {};
  if (dense) specs[dense.name] = { kind: 'dense', dimension: dense.dimension };
  if (sparse !== undefined) specs[sparse] = { kind: 'sparse' };
  return new BatchBuilder(specs, capacity);
}

/**
 * Add a stored record, JSON text, as a row.
 * @throws VecportError `corrupt-data` for a record that is another than the one named, or does not fit the index.
 */
export function addRecord(builder: BatchBuilder, info: IndexInfo, storedId: string, json: Uint8Array): void {
  const reader = new JsonReader(json);
  let metadata: Uint8Array | undefined;
  builder.row(storedId);
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (reader.isNull()) continue;
    switch (key) {
      case 'id': {
        const id = reader.text();
        if (id !== storedId) throw corrupt(`has the record '${id}' in the place of '${storedId}'`);
        break;
      }
      case 'values':
        readDense(reader, builder, info, storedId);
        break;
      case 'sparseValues':
        readSparse(reader, builder, info, storedId);
        break;
      case 'metadata':
        metadata = reader.raw();
        break;
      default:
        reader.skip();
    }
  }
  reader.finish();
  const { text, id } = readMetadata(storedId, metadata);
  if (text !== undefined) builder.metadata(text);
  if (id !== undefined) builder.rename(id);
}

function readDense(reader: JsonReader, builder: BatchBuilder, { dense }: IndexInfo, id: string): void {
  if (dense === undefined) {
    if (reader.floats({ values: new Float32Array(0), length: 0 }) > 0) throw unexpected(id, 'a dense vector');
    return;
  }
  const sink: FloatSink = { values: new Float32Array(0), length: 0 };
  const place = builder.dense(dense.name);
  sink.values = place.values;
  sink.length = place.offset;
  const count = reader.floats(sink);
  if (count !== dense.dimension)
    throw corrupt(`has ${count} values for '${id}'; the index has ${dense.dimension} dimensions`);
}

function readSparse(reader: JsonReader, builder: BatchBuilder, { sparse }: IndexInfo, id: string): void {
  const values: FloatSink = { values: new Float32Array(0), length: 0 };
  const indices: number[] = [];
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'values') reader.floats(values);
    else if (key === 'indices') {
      reader.enterArray();
      while (reader.nextElement()) indices.push(readIndex(reader));
    } else reader.skip();
  }
  if (indices.length === 0 && values.length === 0) return;
  if (sparse === undefined) throw unexpected(id, 'sparse values');
  builder.sparse(sparse, Uint32Array.from(indices), values.values.subarray(0, values.length));
}

function readIndex(reader: JsonReader): number {
  const index = reader.number();
  if (!Number.isInteger(index) || index < 0 || index > 0xffff_ffff)
    throw corrupt(`has the index ${index} in sparse values`);
  return index;
}

function unexpected(id: string, what: string): VecportError {
  return new VecportError('not-supported', `The record '${id}' has ${what}, which this index is not described with.`, {
    provider: PROVIDER,
    advice: 'Nothing of it can be left out silently; remove it from the record, or copy the index with another tool.',
  });
}
