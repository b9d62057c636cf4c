import {
  columnFromValues,
  type DenseColumn,
  parseJson,
  type VectorColumn,
  type VectorValue,
} from '@vecport/abstractions';
import { corrupt } from '../parquet/corrupt.js';
import { decodeBytes } from '../parquet/flat-decoders.js';
import type { Page } from '../parquet/page-reader.js';
import type { PageRows } from '../parquet/page-rows.js';
import type { PartVector } from '../part-codec.js';
import { jsonVector } from './json-vector.js';

/** A decoder of dense vectors that stand as the bytes of their floats. @throws VecportError `corrupt-data`. */
export function vectorBytesDecoder(dimension: number): (page: Page) => PageRows<DenseColumn> {
  return (page) => {
    const { bytes, offsets, missing } = decodeBytes(page);
    const values = new Float32Array(page.rows * dimension);
    const target = Buffer.from(values.buffer);
    for (let row = 0; row < page.rows; row++) {
      if (missing?.[row] === 1) continue;
      const [start, end] = [offsets[row] ?? 0, offsets[row + 1] ?? 0];
      if (end - start !== dimension * 4)
        throw corrupt(`${page.place}: a vector has ${end - start} bytes instead of ${dimension * 4}.`);
      target.set(bytes.subarray(start, end), row * dimension * 4);
    }
    return {
      rows: page.rows,
      slice: (start, end) => ({
        kind: 'dense',
        dimension,
        values: values.subarray(start * dimension, end * dimension),
        missing: missing?.subarray(start, end),
      }),
    };
  };
}

/** Vector columns by name. */
export type NamedColumns = Readonly<Record<string, VectorColumn>>;

/** A decoder of JSON objects with vectors by name. @throws VecportError `corrupt-data`. */
export function vectorsJsonDecoder(
  vectors: Readonly<Record<string, PartVector>>,
): (page: Page) => PageRows<NamedColumns> {
  return (page) => {
    const { bytes, offsets, missing } = decodeBytes(page);
    const rows = Array.from({ length: page.rows }, (_, row) => {
      if (missing?.[row] === 1) return undefined;
      return parseVectors(bytes.subarray(offsets[row], offsets[row + 1]), vectors, page.place);
    });
    return {
      rows: page.rows,
      slice: (start, end) =>
        Object.fromEntries(
          Object.entries(vectors).map(([name, vector]) => [
            name,
            columnOf(
              name,
              vector,
              rows.slice(start, end).map((row) => row?.get(name)),
            ),
          ]),
        ),
    };
  };
}

function parseVectors(
  json: Uint8Array,
  vectors: Readonly<Record<string, PartVector>>,
  place: string,
): ReadonlyMap<string, VectorValue> {
  const value = parseJson(Buffer.from(json.buffer, json.byteOffset, json.length).toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw corrupt(`${place}: vectors by name are no JSON object.`);
  return new Map(
    Object.entries(value).map(([name, member]): [string, VectorValue] => {
      const vector = Object.hasOwn(vectors, name) ? vectors[name] : undefined;
      const parsed = vector && jsonVector(member, vector);
      if (parsed === undefined) throw corrupt(`${place}: the vector '${name}' is not one of the collection.`);
      return [name, parsed];
    }),
  );
}

/** Rows of a vector; a page without any has a column of its kind and dimension all the same. */
function columnOf(
  name: string,
  { kind, dimension = 0 }: PartVector,
  values: readonly (VectorValue | undefined)[],
): VectorColumn {
  if (values.some((value) => value !== undefined && (kind !== 'multi' || (value as readonly unknown[]).length > 0)))
    return columnFromValues(name, values);
  const missing = Uint8Array.from(values, (value) => (value === undefined ? 1 : 0));
  if (kind === 'multi')
    return { kind, dimension, offsets: new Uint32Array(values.length + 1), values: new Float32Array(0), missing };
  return { kind: 'dense', dimension, values: new Float32Array(values.length * dimension), missing };
}
