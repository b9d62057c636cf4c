import type { DenseColumn, SparseColumn, VectorColumn } from '@vecport/abstractions';
import { bfloatToFloat, corrupt, halfToFloat, ProtoReader } from '@vecport/wire';
import { DATA_TYPE } from './data-types.js';
import { type FieldData, memberReader, spreadRows, wrongRows } from './field-data.js';
import type { VectorField } from './layout.js';

// Members of `VectorField`.
const MEMBER = { floats: 2, binary: 3, float16: 4, bfloat16: 5, sparse: 6, int8: 7 } as const;

/** The vectors of a column. @throws VecportError `corrupt-data` when their number or length is not as described. */
export function vectorColumn(field: VectorField, data: FieldData, rows: number): VectorColumn {
  return field.kind === 'sparse' ? sparseColumn(data, rows) : denseColumn(field, data, rows);
}

/** A column in which no row has a vector. */
export function emptyColumn({ kind, dimension }: VectorField): VectorColumn {
  if (kind === 'sparse') {
    return { kind, offsets: new Uint32Array(1), indices: new Uint32Array(0), values: new Float32Array(0) };
  }
  return { kind: 'dense', dimension, values: new Float32Array(0) };
}

function denseColumn(field: VectorField, data: FieldData, rows: number): DenseColumn {
  const { dimension } = field;
  const present = data.valid?.reduce((sum, flag) => sum + flag, 0) ?? rows;
  if (data.valid !== undefined && data.valid.length !== rows) throw wrongRows(field.field, data.valid.length, rows);
  const values = new Float32Array(present * dimension);
  const found = fillValues(field, data, values);
  if (found !== values.length) throw wrongRows(field.field, found / dimension, present);
  if (data.valid === undefined) return { kind: 'dense', dimension, values };
  return spreadDense(dimension, values, data.valid);
}

function fillValues(field: VectorField, data: FieldData, into: Float32Array): number {
  const reader = new ProtoReader(data.vectors ?? new Uint8Array(0));
  const member = MEMBERS[field.type];
  for (let at = reader.next(); at !== 0; at = reader.next()) {
    if (at !== member) reader.skip();
    else if (at === MEMBER.floats) return readFloats(reader, into);
    else return unpack(field.type, reader.data(), into);
  }
  return 0;
}

const MEMBERS: Readonly<Partial<Record<number, number>>> = {
  [DATA_TYPE.FloatVector]: MEMBER.floats,
  [DATA_TYPE.BinaryVector]: MEMBER.binary,
  [DATA_TYPE.Float16Vector]: MEMBER.float16,
  [DATA_TYPE.BFloat16Vector]: MEMBER.bfloat16,
  [DATA_TYPE.Int8Vector]: MEMBER.int8,
};

function readFloats(reader: ProtoReader, into: Float32Array): number {
  const outer = reader.enter();
  let found = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) found += reader.floats(into, found);
    else reader.skip();
  }
  reader.leave(outer);
  return found;
}

function unpack(type: number, bytes: Uint8Array, into: Float32Array): number {
  const per = type === DATA_TYPE.BinaryVector ? 8 : type === DATA_TYPE.Int8Vector ? 1 : 0.5;
  const count = bytes.length * per;
  if (count !== into.length) return count;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < count; i++) into[i] = numberAt(type, view, i);
  return count;
}

function numberAt(type: number, view: DataView, i: number): number {
  switch (type) {
    case DATA_TYPE.BinaryVector:
      // The first number is the highest bit, as in numpy.packbits.
      return (view.getUint8(i >> 3) >> (7 - (i & 7))) & 1;
    case DATA_TYPE.Int8Vector:
      return view.getInt8(i);
    case DATA_TYPE.Float16Vector:
      return halfToFloat(view.getUint16(i * 2, true));
    default:
      return bfloatToFloat(view.getUint16(i * 2, true));
  }
}

function spreadDense(dimension: number, present: Float32Array, valid: Uint8Array): DenseColumn {
  const values = new Float32Array(valid.length * dimension);
  let from = 0;
  valid.forEach((flag, row) => {
    if (flag === 0) return;
    values.set(present.subarray(from, from + dimension), row * dimension);
    from += dimension;
  });
  return { kind: 'dense', dimension, values, missing: valid.map((flag) => 1 - flag) };
}

function sparseColumn(data: FieldData, rows: number): SparseColumn {
  const entries = spreadRows(data.name, readContents(data), data.valid, rows);
  const offsets = new Uint32Array(rows + 1);
  entries.forEach((bytes, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + (bytes?.length ?? 0) / 8;
  });
  const total = offsets[rows] ?? 0;
  const [indices, values] = [new Uint32Array(total), new Float32Array(total)];
  entries.forEach((bytes, row) => {
    fillSparse(bytes, offsets[row] ?? 0, indices, values);
  });
  const missing = entries.includes(undefined)
    ? Uint8Array.from(entries, (bytes) => (bytes === undefined ? 1 : 0))
    : undefined;
  return { kind: 'sparse', offsets, indices, values, ...(missing === undefined ? {} : { missing }) };
}

function readContents({ vectors, name }: FieldData): Uint8Array[] {
  const contents: Uint8Array[] = [];
  const reader = memberReader(vectors, MEMBER.sparse);
  for (let field = reader?.next() ?? 0; reader !== undefined && field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const bytes = reader.data();
    if (bytes.length % 8 !== 0) throw corrupt(`has ${bytes.length} bytes in the sparse vector '${name}'`);
    contents.push(bytes);
  }
  return contents;
}

// Pairs of a little-endian index and a little-endian float.
function fillSparse(bytes: Uint8Array | undefined, offset: number, indices: Uint32Array, values: Float32Array): void {
  if (bytes === undefined) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let last = -1;
  for (let i = 0; i < bytes.length / 8; i++) {
    const index = view.getUint32(i * 8, true);
    if (index <= last) throw corrupt('has a sparse vector whose indices do not ascend');
    last = index;
    indices[offset + i] = index;
    values[offset + i] = view.getFloat32(i * 8 + 4, true);
  }
}
