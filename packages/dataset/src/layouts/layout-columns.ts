import { DEFAULT_VECTOR, VecportError } from '@vecport/abstractions';
import { REPETITION, TYPE } from '../parquet/format.js';
import type { Column } from '../parquet/layout.js';
import { flat } from '../parquet/schema-node.js';
import { vectorNode } from '../parquet/vector-node.js';
import type { PartSchema, PartVector } from '../part-codec.js';
import type { OtherLayout } from './layout.js';

const { REQUIRED, OPTIONAL } = REPETITION;

/**
 * The columns of a part in another tool's layout, in the order that tool has them. See `docs/layouts.md`.
 * @throws VecportError `invalid-argument` for vectors the layout has no column for.
 */
export function layoutColumns(schema: PartSchema, layout: OtherLayout): readonly Column[] {
  switch (layout) {
    case 'weaviate':
      return weaviateColumns(schema);
    case 'qdrant':
      return [idColumn('key'), metadataColumn('metadata'), ...vectorsNamed(schema, { dense: 'vector' })];
    case 'pinecone':
      return [
        idColumn('id'),
        ...vectorsNamed(schema, { dense: 'values', sparse: 'sparse_values' }),
        metadataColumn('metadata'),
      ];
    case 'vdf':
      return [idColumn('id'), ...vdfVectors(schema), metadataColumn('metadata')];
  }
}

/** The column of a vector in the layout `vdf`. */
export function vdfColumn(vector: string): string {
  return vector === DEFAULT_VECTOR ? 'vector' : vector;
}

function weaviateColumns({ vectors, className = '' }: PartSchema): readonly Column[] {
  const all = sortedVectors(vectors);
  const own = all.filter(([name, { kind }]) => name === DEFAULT_VECTOR && kind === 'dense');
  const dense = all.filter(([name, { kind }]) => name !== DEFAULT_VECTOR && kind === 'dense');
  const multi = all.filter(([, { kind }]) => kind === 'multi');
  const stranger = all.find(([, { kind }]) => kind === 'sparse');
  if (stranger !== undefined) throw noColumn('weaviate', stranger);
  const [[name, vector]] = own.length > 0 ? (own as [readonly [string, PartVector]]) : [[DEFAULT_VECTOR, ABSENT]];
  const time = (kind: 'createdAt' | 'updatedAt', column: string): Column => ({
    content: { kind },
    node: flat(column, TYPE.INT64, OPTIONAL),
  });
  return [
    idColumn('id'),
    { content: { kind: 'className', value: className }, node: text('class_name', REQUIRED) },
    time('createdAt', 'creation_time'),
    time('updatedAt', 'update_time'),
    { content: { kind: 'vectorBytes', name, vector }, node: bytes('vector') },
    { content: { kind: 'vectorsJson', vectors: Object.fromEntries(dense) }, node: bytes('named_vectors') },
    { content: { kind: 'vectorsJson', vectors: Object.fromEntries(multi) }, node: bytes('multi_vectors') },
    { content: { kind: 'metadata' }, node: bytes('properties') },
  ];
}

/** Stands in for the unnamed vector of a class that has none: its column is null in every row. */
const ABSENT: PartVector = { kind: 'dense' };

/** One vector of each kind at most, whatever its name. */
function vectorsNamed(
  { vectors, layout = 'qdrant' }: PartSchema,
  columns: Readonly<Partial<Record<PartVector['kind'], string>>>,
): readonly Column[] {
  const used = new Set<string>();
  return sortedVectors(vectors).map(([name, vector]) => {
    const column = columns[vector.kind];
    if (column === undefined || used.has(column)) throw noColumn(layout, [name, vector]);
    used.add(column);
    return { content: { kind: 'vector', name, vector }, node: vectorNode(column, vector) };
  });
}

function vdfVectors({ vectors }: PartSchema): readonly Column[] {
  return sortedVectors(vectors).map(([name, vector]) => {
    if (vector.kind !== 'dense') throw noColumn('vdf', [name, vector]);
    return { content: { kind: 'vector', name, vector }, node: vectorNode(vdfColumn(name), vector) };
  });
}

/** Dense before sparse, then by their names' UTF-16 code units. */
function sortedVectors(vectors: PartSchema['vectors']): readonly (readonly [string, PartVector])[] {
  return Object.entries(vectors).sort(([a, { kind: one }], [b, { kind: other }]) => {
    if (one !== other) return one < other ? -1 : 1;
    return a < b ? -1 : 1;
  });
}

function noColumn(layout: OtherLayout, [name, { kind }]: readonly [string, PartVector]): VecportError {
  return new VecportError('invalid-argument', `The layout '${layout}' has no column for the ${kind} vector '${name}'.`);
}

function idColumn(name: string): Column {
  return { content: { kind: 'id' }, node: text(name, REQUIRED) };
}

function metadataColumn(name: string): Column {
  return { content: { kind: 'metadata' }, node: text(name, OPTIONAL) };
}

function text(name: string, repetition: typeof REQUIRED | typeof OPTIONAL): Column['node'] {
  return flat(name, TYPE.BYTE_ARRAY, repetition, 'string');
}

function bytes(name: string): Column['node'] {
  return flat(name, TYPE.BYTE_ARRAY, OPTIONAL);
}
