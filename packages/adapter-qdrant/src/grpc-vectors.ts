import type { BatchBuilder, ProtoReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import { knownVector, wrongShape } from './page-bounds.js';

/** A place in a message's bytes. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where decoded vectors go. */
export interface VectorTarget {
  readonly layout: CollectionLayout;
  readonly builder: BatchBuilder;
}

/**
 * Decode a point's `VectorsOutput`, whose bytes are from `start` to `end`, into the columns of the row that was begun
 * last. Both forms are read: `dense`, `sparse` and `multi_dense` of newer servers, and the `data` with `indices` or
 * `vectors_count` of older ones. Moves the reader.
 * @throws VecportError `corrupt-data`, or `source-changed` for a vector the collection did not have before.
 */
export function decodeVectors(reader: ProtoReader, start: number, end: number, target: VectorTarget): void {
  reader.position = start;
  reader.end = end;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1 && field !== 2) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    if (field === 1) decodeVector(reader, '', target);
    else decodeNamed(reader, target);
    reader.leave(outer);
  }
}

/** The map entries of `NamedVectorsOutput`, to the end of its message. */
function decodeNamed(reader: ProtoReader, target: VectorTarget): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const entry = reader.enter();
    let key = '';
    let value = reader.end;
    let valueEnd = reader.end;
    for (let part = reader.next(); part !== 0; part = reader.next()) {
      if (part === 1) key = reader.text();
      else if (part === 2) {
        const length = reader.skipData();
        valueEnd = reader.position;
        value = valueEnd - length;
      } else reader.skip();
    }
    const after = reader.end;
    reader.position = value;
    reader.end = valueEnd;
    decodeVector(reader, key, target);
    reader.end = after;
    reader.leave(entry);
  }
}

/** A `VectorOutput`, to the end of its message. */
function decodeVector(reader: ProtoReader, key: string, { layout, builder }: VectorTarget): void {
  const vector = knownVector(layout, key);
  if (vector.kind === 'dense') decodeDense(reader, vector, builder);
  else if (vector.kind === 'multi') decodeMulti(reader, partsOf(reader), vector, builder);
  else decodeSparse(reader, partsOf(reader), vector, builder);
}

/** The floats of `dense`, or of `data` where that is not there, of which the last counts. */
function decodeDense(reader: ProtoReader, vector: VectorLayout, builder: BatchBuilder): void {
  let start = -1;
  let length = 0;
  let isDense = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 101) {
      const outer = reader.enter();
      isDense = true;
      start = -1;
      for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
        if (inner !== 1) {
          reader.skip();
          continue;
        }
        if (start >= 0) throw inPieces();
        length = reader.skipData();
        start = reader.position - length;
      }
      reader.leave(outer);
    } else if (field === 1 && !isDense) {
      length = reader.skipData();
      start = reader.position - length;
    } else reader.skip();
  }
  if (start < 0 || length !== vector.dimension * 4) throw wrongShape(vector);
  builder.denseBytes(vector.name, reader.bytes, start, length);
}

/** The parts of a vector's message that are there. */
interface VectorParts {
  sparse?: ByteRange;
  multi?: ByteRange;
  /** Bytes of the packed floats of older servers. */
  data?: ByteRange;
  indices?: ByteRange;
  count?: number;
}

function partsOf(reader: ProtoReader): VectorParts {
  const parts: VectorParts = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 102) parts.sparse = byteRange(reader);
    else if (field === 103) parts.multi = byteRange(reader);
    else if (field === 1) parts.data = byteRange(reader);
    else if (field === 2) parts.indices = byteRange(reader);
    else if (field === 3) parts.count = reader.uint32();
    else reader.skip();
  }
  return parts;
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
  const packed = rows.map((row) => packedIn(reader, row, 1) ?? fail(vector));
  if (packed.some(({ start, end }) => end - start !== dimension * 4)) throw wrongShape(vector);
  const { values, offset } = builder.multi(name, rows.length);
  for (const [at, row] of packed.entries()) copyBytes(reader, row, values, offset + at * dimension);
}

function decodeSparse(reader: ProtoReader, parts: VectorParts, vector: VectorLayout, builder: BatchBuilder): void {
  const [floats, indices] =
    parts.sparse === undefined
      ? [parts.data, parts.indices && packedIn(reader, parts.indices, 1)]
      : [packedIn(reader, parts.sparse, 1), packedIn(reader, parts.sparse, 2)];
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

/** Run `each` for every field of the message in a place; the reader goes on where it was. */
function within(reader: ProtoReader, { start, end }: ByteRange, each: (field: number) => void): void {
  const { position, end: outer } = reader;
  reader.position = start;
  reader.end = end;
  for (let field = reader.next(); field !== 0; field = reader.next()) each(field);
  reader.position = position;
  reader.end = outer;
}

/** The bytes of a packed field of a message; `undefined` where it is not there, which is a list of none. */
function packedIn(reader: ProtoReader, message: ByteRange, wanted: number): ByteRange | undefined {
  let found: ByteRange | undefined;
  within(reader, message, (field) => {
    if (field !== wanted) reader.skip();
    else if (found === undefined) found = byteRange(reader);
    else throw inPieces();
  });
  return found;
}

/** The place of a length-delimited field's bytes, which are skipped. */
function byteRange(reader: ProtoReader): ByteRange {
  const length = reader.skipData();
  return { start: reader.position - length, end: reader.position };
}

function copyBytes(reader: ProtoReader, { start, end }: ByteRange, into: Float32Array, offset: number): void {
  new Uint8Array(into.buffer, into.byteOffset + offset * 4, end - start).set(reader.bytes.subarray(start, end));
}

function inPieces(): Error {
  return corruptAnswer('A vector came in several pieces.');
}

function fail(vector: VectorLayout): never {
  throw wrongShape(vector);
}
