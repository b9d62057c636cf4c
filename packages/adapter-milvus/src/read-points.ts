import type { VectorBatch, VectorColumn } from '@vecport/abstractions';
import { corrupt, ProtoReader } from '@vecport/wire';
import { type FieldData, readFieldData } from './field-data.js';
import { DYNAMIC_FIELD, type Layout } from './layout.js';
import { metadataColumn } from './metadata-rows.js';
import { readIntegers, readTexts } from './scalar-values.js';
import { emptyColumn, vectorColumn } from './vector-values.js';

/** What a query answers. */
export interface QueryAnswer {
  readonly columns: ReadonlyMap<string, FieldData>;
  readonly dynamic: FieldData | undefined;
}

/** Read a `QueryResults`, values not decoded yet. */
export function readQueryAnswer(answer: Uint8Array): QueryAnswer {
  const reader = new ProtoReader(answer);
  const columns = new Map<string, FieldData>();
  let dynamic: FieldData | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) {
      const data = readFieldData(reader);
      if (data.isDynamic || data.name === DYNAMIC_FIELD) dynamic = data;
      else columns.set(data.name, data);
    } else reader.skip();
  }
  return { columns, dynamic };
}

/** The identifiers of an answer; none for an answer without rows. */
export function idsOf({ key }: Layout, { columns }: QueryAnswer): string[] {
  const data = columns.get(key.field);
  if (data === undefined) {
    if (columns.size === 0) return [];
    throw corrupt(`has no column '${key.field}', the primary key`);
  }
  return key.type === 'int64' ? readIntegers(data) : readTexts(data);
}

/** The points of an answer. @throws VecportError `corrupt-data` when its columns do not fit each other or the layout. */
export function pointsOf(
  layout: Layout,
  answer: QueryAnswer,
  ids: readonly string[],
  fields?: readonly string[],
): VectorBatch {
  const rows = ids.length;
  const vectors = layout.vectors.map((field): [string, VectorColumn] => {
    const data = answer.columns.get(field.field);
    if (data === undefined && rows > 0) throw corrupt(`has no column '${field.field}', which was asked for`);
    return [field.name, data === undefined || rows === 0 ? emptyColumn(field) : vectorColumn(field, data, rows)];
  });
  return {
    ids,
    vectors: Object.fromEntries(vectors),
    metadata: metadataColumn(layout, answer.columns, answer.dynamic, rows, fields),
  };
}

/** The fields that make up a point. */
export function pointFields({ key, vectors, scalars, dynamic }: Layout): string[] {
  const names = [key.field, ...vectors.map(({ field }) => field), ...scalars.map(({ name }) => name)];
  return dynamic ? [...names, DYNAMIC_FIELD] : names;
}
