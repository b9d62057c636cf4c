import type { BatchBuilder, FloatPlace, ProtoReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import { knownVector, wrongShape } from './page-bounds.js';
import { type ByteRange, byteRange } from './payload-printer.js';

/**
 * Decode a point's `VectorsOutput` into the columns of the row that was begun last. Both forms are read:
 * `dense`, `sparse` and `multi_dense` of newer servers, and the `data` with `indices` or `vectors_count`
 * of older ones.
 * @throws VecportError `corrupt-data`, or `source-changed` for a vector the collection did not have before.
 */
export function decodeVectors(
  reader: ProtoReader,
  range: ByteRange,
  layout: CollectionLayout,
  builder: BatchBuilder,
): void {
  within(reader, range, (field) => {
    if (field === 1) decodeVector(reader, byteRange(reader), '', layout, builder);
    else if (field === 2) decodeNamed(reader, byteRange(reader), layout, builder);
    else reader.skip();
  });
}

/** Run `each` for every field of the message in a place; the reader goes on after it. */
function within(reader: ProtoReader, { start, end }: ByteRange, each: (field: number) => void): void {
  const { position, end: outer } = reader;
  reader.position = start;
  reader.end = end;
  for (let field = reader.next(); field !== 0; field = reader.next()) each(field);
  reader.position = position;
  reader.end = outer;
}

function decodeNamed(reader: ProtoReader, range: ByteRange, layout: CollectionLayout, builder: BatchBuilder): void {
  within(reader, range, (field) => {
    if (field !== 1) {
      reader.skip();
      return;
    }
    let key = '';
    let value: ByteRange | undefined;
    within(reader, byteRange(reader), (inner) => {
      if (inner === 1) key = reader.text();
      else if (inner === 2) value = byteRange(reader);
      else reader.skip();
    });
    decodeVector(reader, value ?? { start: 0, end: 0 }, key, layout, builder);
  });
}

/** The parts of a vector's message that are there. */
interface VectorParts {
  dense?: ByteRange;
  sparse?: ByteRange;
  multi?: ByteRange;
  /** Bytes of the packed floats of older servers. */
  data?: ByteRange;
  indices?: ByteRange;
  count?: number;
}

function decodeVector(
  reader: ProtoReader,
  range: ByteRange,
  key: string,
  layout: CollectionLayout,
  builder: BatchBuilder,
): void {
  const vector = knownVector(layout, key);
  const parts: VectorParts = {};
  within(reader, range, (field) => {
    if (field === 101) parts.dense = byteRange(reader);
    else if (field === 102) parts.sparse = byteRange(reader);
    else if (field === 103) parts.multi = byteRange(reader);
    else if (field === 1) parts.data = byteRange(reader);
    else if (field === 2) parts.indices = byteRange(reader);
    else if (field === 3) parts.count = reader.uint32();
    else reader.skip();
  });
  if (vector.kind === 'dense') decodeDense(reader, parts, vector, builder);
  else if (vector.kind === 'multi') decodeMulti(reader, parts, vector, builder);
  else decodeSparse(reader, parts, vector, builder);
}

function decodeDense(reader: ProtoReader, parts: VectorParts, vector: VectorLayout, builder: BatchBuilder): void {
  const packed = parts.dense === undefined ? parts.data : packedFloats(reader, parts.dense, 1);
  if (packed === undefined) throw wrongShape(vector);
  copyFloats(reader, packed, builder.dense(vector.name), vector);
}

function decodeMulti(reader: ProtoReader, parts: VectorParts, vector: VectorLayout, builder: BatchBuilder): void {
  const { name, dimension } = vector;
  if (parts.multi === undefined) {
    if (parts.data === undefined || parts.count === undefined) throw wrongShape(vector);
    if (parts.data.end - parts.data.start !== parts.count * dimension * 4) throw wrongShape(vector);
    const { values, offset } = builder.multi(name, parts.count);
    copyBytes(reader, parts.data, values, offset);
    return;
  }
  const rows: ByteRange[] = [];
  within(reader, parts.multi, (field) => {
    if (field === 1) rows.push(byteRange(reader));
    else reader.skip();
  });
  const packed = rows.map((row) => packedFloats(reader, row, 1) ?? fail(vector));
  if (packed.some(({ start, end }) => end - start !== dimension * 4)) throw wrongShape(vector);
  const { values, offset } = builder.multi(name, rows.length);
  for (const [at, row] of packed.entries()) copyBytes(reader, row, values, offset + at * dimension);
}

function decodeSparse(reader: ProtoReader, parts: VectorParts, vector: VectorLayout, builder: BatchBuilder): void {
  const [floats, indices] =
    parts.sparse === undefined
      ? [parts.data, parts.indices && packedFloats(reader, parts.indices, 1)]
      : [packedFloats(reader, parts.sparse, 1), packedFloats(reader, parts.sparse, 2)];
  if (parts.sparse === undefined && parts.indices === undefined) throw wrongShape(vector);
  const bytes = floats === undefined ? 0 : floats.end - floats.start;
  if (bytes % 4 !== 0) throw wrongShape(vector);
  const values = new Float32Array(bytes / 4);
  if (floats !== undefined) copyBytes(reader, floats, values, 0);
  const found = new Uint32Array(values.length);
  let at = 0;
  if (indices !== undefined) {
    const { position, end } = reader;
    reader.position = indices.start;
    reader.end = indices.end;
    while (reader.position < reader.end) {
      if (at === found.length) throw wrongShape(vector);
      found[at++] = reader.uint32();
    }
    reader.position = position;
    reader.end = end;
  }
  if (at !== found.length) throw wrongShape(vector);
  builder.sparse(vector.name, found, values);
}

/** The bytes of a packed field of a message; `undefined` where it is not there, which is a list of none. */
function packedFloats(reader: ProtoReader, message: ByteRange, wanted: number): ByteRange | undefined {
  let found: ByteRange | undefined;
  within(reader, message, (field) => {
    if (field !== wanted) reader.skip();
    else if (found === undefined) found = byteRange(reader);
    else throw corruptAnswer('A vector came in several pieces.');
  });
  return found;
}

function copyFloats(
  reader: ProtoReader,
  packed: ByteRange,
  { values, offset }: FloatPlace,
  vector: VectorLayout,
): void {
  if (packed.end - packed.start !== vector.dimension * 4) throw wrongShape(vector);
  copyBytes(reader, packed, values, offset);
}

function copyBytes(reader: ProtoReader, { start, end }: ByteRange, into: Float32Array, offset: number): void {
  new Uint8Array(into.buffer, into.byteOffset + offset * 4, end - start).set(reader.bytes.subarray(start, end));
}

function fail(vector: VectorLayout): never {
  throw wrongShape(vector);
}
