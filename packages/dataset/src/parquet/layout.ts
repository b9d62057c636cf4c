import { DEFAULT_VECTOR, VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import type { PartSchema, PartVector } from '../part-codec.js';
import { corrupt } from './corrupt.js';
import { MAX_ROW_BYTES, REPETITION, TYPE } from './format.js';
import { flat, list, type SchemaNode } from './schema-node.js';

/** Version of the column layout, in the footer of each part. */
const LAYOUT_VERSION = 1;

/** The entry of the file's key-value metadata that says which column holds which vector. */
export const LAYOUT_KEY = 'vecport';

/** What a column of the native layout holds. */
type ColumnContent =
  | { readonly kind: 'id' | 'metadata' | 'createdAt' | 'updatedAt' }
  | { readonly kind: 'vector'; readonly name: string; readonly vector: PartVector };

/** One top-level column. */
export interface Column {
  readonly content: ColumnContent;
  readonly node: SchemaNode;
}

const layoutSchema = z.object({
  formatVersion: z.int().positive(),
  vectors: z.record(
    z.string(),
    z.object({
      name: z.string(),
      kind: z.enum(['dense', 'sparse', 'multi']),
      dimension: z
        .int()
        .min(0)
        .max(MAX_ROW_BYTES / 4)
        .optional(),
    }),
  ),
});

/**
 * The columns of the native layout, in their order in the file: `id`, the vectors by column name,
 * `metadata`, and the times where the schema has them. The order of the schema's keys plays no part.
 */
export function columnsOf(schema: PartSchema): readonly Column[] {
  return [
    { content: { kind: 'id' }, node: flat('id', TYPE.BYTE_ARRAY, REPETITION.REQUIRED, 'string') },
    ...vectorColumns(schema),
    { content: { kind: 'metadata' }, node: flat('metadata', TYPE.BYTE_ARRAY, REPETITION.OPTIONAL, 'string') },
    ...(schema.createdAt ? [timeColumn('createdAt', 'creation_time')] : []),
    ...(schema.updatedAt ? [timeColumn('updatedAt', 'update_time')] : []),
  ];
}

/** The root of the file's schema. */
export function rootOf(columns: readonly Column[]): SchemaNode {
  return { name: 'schema', children: columns.map((column) => column.node) };
}

/** The text under {@link LAYOUT_KEY}: vector names and dimensions, which column names cannot carry. */
export function layoutText(columns: readonly Column[]): string {
  const vectors = columns.flatMap(({ content, node }) =>
    content.kind === 'vector'
      ? [[node.name, { name: content.name, kind: content.vector.kind, dimension: content.vector.dimension }] as const]
      : [],
  );
  return JSON.stringify({ formatVersion: LAYOUT_VERSION, vectors: Object.fromEntries(vectors) });
}

/**
 * The schema behind a {@link layoutText} and the names of the top-level columns.
 * @throws VecportError `corrupt-data`; `not-supported` for a layout that is newer than this code.
 */
export function schemaFromLayout(text: string, columnNames: readonly string[]): PartSchema {
  const { formatVersion, vectors } = parseLayout(text);
  if (formatVersion > LAYOUT_VERSION) {
    throw new VecportError(
      'not-supported',
      `The part has the format version ${formatVersion}; this is ${LAYOUT_VERSION}.`,
      {
        advice: 'Update Vecport.',
      },
    );
  }
  const schema = {
    vectors: Object.fromEntries(
      Object.values(vectors).map(({ name, kind, dimension }) => [
        name,
        dimension === undefined ? { kind } : { kind, dimension },
      ]),
    ),
    createdAt: columnNames.includes('creation_time'),
    updatedAt: columnNames.includes('update_time'),
  };
  if (layoutText(columnsOf(schema)) !== text)
    throw corrupt(`the footer's entry '${LAYOUT_KEY}' is not in its one form.`);
  return schema;
}

function parseLayout(text: string): z.infer<typeof layoutSchema> {
  try {
    return layoutSchema.parse(JSON.parse(text));
  } catch (error) {
    throw corrupt(`the footer's entry '${LAYOUT_KEY}' cannot be read.`, error);
  }
}

function vectorColumns(schema: PartSchema): readonly Column[] {
  const used = new Set<string>();
  return Object.entries(schema.vectors)
    .sort(([a], [b]) => compareNames(a, b))
    .map(([name, vector]) => ({
      content: { kind: 'vector', name, vector } as const,
      node: vectorNode(freeName(name === DEFAULT_VECTOR ? 'vector' : `vector_${name}`, used), vector),
    }));
}

/** `default` first, the others by their UTF-16 code units. */
function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  if (a === DEFAULT_VECTOR || b === DEFAULT_VECTOR) return a === DEFAULT_VECTOR ? -1 : 1;
  return a < b ? -1 : 1;
}

/** SQL engines take column names without regard to case, so names that differ by it alone get a number. */
function freeName(wanted: string, used: Set<string>): string {
  const fold = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  let name = wanted;
  for (let number = 2; used.has(fold(name)); number++) name = `${wanted}_${number}`;
  used.add(fold(name));
  return name;
}

function vectorNode(name: string, vector: PartVector): SchemaNode {
  const { OPTIONAL, REQUIRED } = REPETITION;
  const float = flat('element', TYPE.FLOAT, REQUIRED);
  switch (vector.kind) {
    case 'dense':
      return list(name, OPTIONAL, float);
    case 'multi':
      return list(name, OPTIONAL, list('element', REQUIRED, float));
    case 'sparse': {
      const index = flat('element', TYPE.INT32, REQUIRED, 'uint32');
      const children = [list('indices', REQUIRED, index), list('values', REQUIRED, float)];
      return { name, repetition: OPTIONAL, children };
    }
  }
}

function timeColumn(kind: 'createdAt' | 'updatedAt', name: string): Column {
  return { content: { kind }, node: flat(name, TYPE.INT64, REPETITION.OPTIONAL) };
}
