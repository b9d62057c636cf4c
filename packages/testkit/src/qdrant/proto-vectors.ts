import type { ProtoReader, ProtoWriter } from '@vecport/wire';
import { notInFake, Refusal } from './server-error.js';
import { sparseVector } from './vector-json.js';
import type { SparseVector, Vector, Vectors } from './vectors.js';

const FIELD = { dense: 101, sparse: 102, multi: 103 } as const;

/** `Vectors`, to the end of its message: one vector without a name, or vectors by name. */
export function readProtoVectors(reader: ProtoReader): Vectors {
  const vectors = new Map<string, Vector>();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const outer = reader.enter();
    if (field === 1) vectors.set('', readVectorMessage(reader));
    else readNamed(reader, vectors);
    reader.leave(outer);
  }
  return vectors;
}

function readNamed(reader: ProtoReader, vectors: Map<string, Vector>): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const entry = reader.enter();
    let name = '';
    let vector: Vector | undefined;
    for (let part = reader.next(); part !== 0; part = reader.next()) {
      if (part === 1) name = reader.text();
      else {
        const outer = reader.enter();
        vector = readVectorMessage(reader);
        reader.leave(outer);
      }
    }
    vectors.set(name, vector ?? { kind: 'dense', values: new Float32Array() });
    reader.leave(entry);
  }
}

/** `Vector`, in its present form and in the old one (`data`, `indices`, `vectors_count`). */
function readVectorMessage(reader: ProtoReader): Vector {
  let values: Float32Array = new Float32Array();
  let indices: Uint32Array | undefined;
  let rows: number | undefined;
  let vector: Vector | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) values = joined(values, readFloats(reader));
    else if (field === 2) indices = readIndicesMessage(reader);
    else if (field === 3) rows = reader.uint32();
    else vector = readProtoVector(reader, field);
  }
  if (vector !== undefined) return vector;
  if (indices !== undefined) return sparseVector(indices, values);
  if (rows === undefined || rows < 1) return { kind: 'dense', values };
  const size = values.length / rows;
  return { kind: 'multi', rows: Array.from({ length: rows }, (_, at) => values.slice(at * size, (at + 1) * size)) };
}

/** A vector that is the value of a field of that number in `Vector`. */
export function readProtoVector(reader: ProtoReader, field: number): Vector {
  const outer = reader.enter();
  const vector = readKind(reader, field);
  reader.leave(outer);
  return vector;
}

function readKind(reader: ProtoReader, field: number): Vector {
  if (field === FIELD.dense) return { kind: 'dense', values: readDense(reader) };
  if (field === FIELD.sparse) return readSparse(reader);
  if (field !== FIELD.multi) throw notInFake('vector of that kind');
  const rows: Float32Array[] = [];
  while (reader.next() !== 0) {
    const outer = reader.enter();
    rows.push(readDense(reader));
    reader.leave(outer);
  }
  if (rows.length === 0) throw new Refusal('input', 'MultiDenseVector cannot be empty');
  return { kind: 'multi', rows };
}

function readDense(reader: ProtoReader): Float32Array {
  let values: Float32Array = new Float32Array();
  while (reader.next() !== 0) values = joined(values, readFloats(reader));
  return values;
}

function readSparse(reader: ProtoReader): Vector {
  let values: Float32Array = new Float32Array();
  let indices: readonly number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) values = joined(values, readFloats(reader));
    else indices = [...indices, ...readIndices(reader)];
  }
  return sparseVector(Uint32Array.from(indices), values);
}

/** A message that has packed indices, and comes next. */
export function readIndicesMessage(reader: ProtoReader): Uint32Array {
  const outer = reader.enter();
  const indices: number[] = [];
  while (reader.next() !== 0) indices.push(...readIndices(reader));
  reader.leave(outer);
  return Uint32Array.from(indices);
}

function readIndices(reader: ProtoReader): readonly number[] {
  if (reader.wireType === 0) return [reader.uint32()];
  const indices: number[] = [];
  const outer = reader.enter();
  while (reader.position < reader.end) indices.push(reader.uint32());
  reader.leave(outer);
  return indices;
}

/** Floats that come next, packed or one by one. */
export function readFloats(reader: ProtoReader): Float32Array {
  if (reader.wireType === 5) return Float32Array.of(reader.float());
  const values = new Float32Array(Math.ceil(reader.packedLength() / 4));
  reader.floats(values, 0);
  return values;
}

function joined(before: Float32Array, after: Float32Array): Float32Array {
  if (before.length === 0) return after;
  const both = new Float32Array(before.length + after.length);
  both.set(before);
  both.set(after, before.length);
  return both;
}

/** `VectorsOutput`, as servers from 1.18 on send it: `vector` or `vectors`, each dense, sparse or multi-dense. */
export function writeProtoVectors(writer: ProtoWriter, vectors: Vectors): void {
  const unnamed = vectors.get('');
  if (unnamed !== undefined) {
    writer.message(1, (inner) => writeVector(inner, unnamed));
    return;
  }
  writer.message(2, (inner) => {
    for (const [name, vector] of vectors) {
      inner.message(1, (entry) => entry.text(1, name).message(2, (value) => writeVector(value, vector)));
    }
  });
}

function writeVector(writer: ProtoWriter, vector: Vector): void {
  if (vector.kind === 'dense') writer.message(FIELD.dense, (inner) => writeDense(inner, vector.values));
  else if (vector.kind === 'sparse') writer.message(FIELD.sparse, (inner) => writeSparse(inner, vector));
  else {
    writer.message(FIELD.multi, (inner) => {
      for (const row of vector.rows) inner.message(1, (part) => writeDense(part, row));
    });
  }
}

function writeDense(writer: ProtoWriter, values: Float32Array): void {
  if (values.length > 0) writer.floats(1, values);
}

function writeSparse(writer: ProtoWriter, vector: SparseVector): void {
  if (vector.values.length === 0) return;
  writer.floats(1, vector.values).uint32s(2, vector.indices);
}
