import { columnFromValues, parseJson, type VectorColumn, type VectorValue } from '@vecport/abstractions';
import { corrupt } from '../../parquet/corrupt.js';
import { jsonVector } from '../json-vector.js';
import { textOf } from './column-values.js';
import type { LeafValue } from './leaf-values.js';

/** Vector columns from JSON objects of vectors by name, of which each row can have others. @throws VecportError `corrupt-data`. */
export function vectorsFromJson(
  values: readonly LeafValue[],
  kind: 'dense' | 'multi',
  place: string,
): readonly (readonly [string, VectorColumn])[] {
  const rows = values.map((value) => rowOf(value, kind, place));
  const names = new Set(rows.flatMap((row) => [...row.keys()]));
  return Array.from(names, (name) => [
    name,
    columnFromValues(
      name,
      rows.map((row) => row.get(name)),
    ),
  ]);
}

function rowOf(value: LeafValue, kind: 'dense' | 'multi', place: string): ReadonlyMap<string, VectorValue> {
  const text = textOf(value, place);
  const parsed = text === undefined ? {} : parseJson(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw corrupt(`${place} holds something that is no object of vectors by name.`);
  return new Map(
    Object.entries(parsed).map(([name, member]): [string, VectorValue] => {
      const vector = jsonVector(member, { kind });
      if (vector === undefined) throw corrupt(`${place} holds a vector '${name}' that is no list of numbers.`);
      return [name, vector];
    }),
  );
}
