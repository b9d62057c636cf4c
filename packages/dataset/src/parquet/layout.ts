import { DEFAULT_VECTOR } from '@vecport/abstractions';
import { layoutColumns } from '../layouts/layout-columns.js';
import type { PartSchema, PartVector } from '../part-codec.js';
import { REPETITION, TYPE } from './format.js';
import { flat, type SchemaNode } from './schema-node.js';
import { vectorNode } from './vector-node.js';

/** Version of the column layout, in the footer of each part. */
export const LAYOUT_VERSION = 1;

/** The entry of the file's key-value metadata that says which column holds which vector. */
export const LAYOUT_KEY = 'vecport';

/** What a column holds. */
type ColumnContent =
  | { readonly kind: 'id' | 'metadata' | 'createdAt' | 'updatedAt' }
  | { readonly kind: 'vector'; readonly name: string; readonly vector: PartVector }
  /** The same text in every row. */
  | { readonly kind: 'className'; readonly value: string }
  /** A dense vector as the bytes of its floats, least significant first. */
  | { readonly kind: 'vectorBytes'; readonly name: string; readonly vector: PartVector }
  /** Vectors by name as a JSON object. */
  | { readonly kind: 'vectorsJson'; readonly vectors: Readonly<Record<string, PartVector>> };

/** One top-level column. */
export interface Column {
  readonly content: ColumnContent;
  readonly node: SchemaNode;
}

/**
 * The columns of a part, in their order in the file; of the native layout: `id`, the vectors by column name,
 * `metadata`, and the times where the schema has them. The order of the schema's keys plays no part.
 */
export function columnsOf(schema: PartSchema): readonly Column[] {
  if (schema.layout !== undefined) return layoutColumns(schema, schema.layout);
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
export function layoutText(columns: readonly Column[], schema?: Pick<PartSchema, 'layout' | 'className'>): string {
  const vectors = columns.flatMap(({ content, node }) => {
    if (content.kind === 'vectorsJson')
      return Object.entries(content.vectors).map(
        ([name, vector]) => [`${node.name}.${name}`, described(name, vector)] as const,
      );
    const isNone = content.kind === 'vectorBytes' && content.vector.dimension === undefined;
    if (isNone || (content.kind !== 'vector' && content.kind !== 'vectorBytes')) return [];
    const key = schema?.layout === undefined ? node.name : `${node.name}.`;
    return [[key, described(content.name, content.vector)] as const];
  });
  const { layout, className } = schema ?? {};
  return JSON.stringify({
    formatVersion: LAYOUT_VERSION,
    layout,
    className,
    vectors: Object.fromEntries(vectors),
  });
}

function described(name: string, { kind, dimension }: PartVector): PartVector & { readonly name: string } {
  return { name, kind, dimension };
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

function timeColumn(kind: 'createdAt' | 'updatedAt', name: string): Column {
  return { content: { kind }, node: flat(name, TYPE.INT64, REPETITION.OPTIONAL) };
}
