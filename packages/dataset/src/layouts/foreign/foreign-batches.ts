import {
  emptyMetadata,
  type MetadataColumn,
  metadataFromTexts,
  VecportError,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { corrupt } from '../../parquet/corrupt.js';
import { PageCursor } from '../../parquet/page-rows.js';
import type { ReadPartOptions } from '../../read-part.js';
import {
  idsOf,
  metadataOf,
  sparseVectors,
  timesOf,
  vectorsFromBytes,
  vectorsFromLists,
  vectorsFromNested,
} from './column-values.js';
import { type FloatLists, isFloatList, readFloatLists, vectorsFromFloats } from './float-lists.js';
import type { ForeignFile, ForeignLeaf } from './foreign-parquet.js';
import { jsonWriterOf } from './json-of-value.js';
import { type LeafValue, readLeaf } from './leaf-values.js';
import { vectorsFromJson } from './vectors-from-json.js';

/** Where a file has its vectors. */
export type VectorSource =
  /** Lists of numbers, or lists of them. */
  | { readonly form: 'lists'; readonly name: string; readonly column: string }
  /** A structure of the lists `indices` and `values`. */
  | { readonly form: 'sparse'; readonly name: string; readonly column: string }
  /** The bytes of floats. */
  | { readonly form: 'bytes'; readonly name: string; readonly column: string }
  /** JSON objects of vectors by name. */
  | { readonly form: 'json'; readonly kind: 'dense' | 'multi'; readonly column: string };

/** Which columns of a file are what. */
export interface ForeignMapping {
  readonly id: string;
  readonly vectors: readonly VectorSource[];
  /** A column of JSON texts, or columns that are the fields of an object. Neither where a file has no metadata. */
  readonly json?: string | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

const BATCH_ROWS = 2048;

/** The rows of a foreign file in its order. Memory: some pages of each column. Errors as of `readPart`. */
export async function* readForeignFile(
  file: ForeignFile,
  mapping: ForeignMapping,
  options: ReadPartOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  const makers = batchMakers(file, mapping, options.columns ?? 'all');
  const most = Math.min(BATCH_ROWS, options.batchRows ?? BATCH_ROWS);
  for (const [group, { num_rows: count }] of file.metadata.row_groups.entries()) {
    const cursors = makers.leaves.map((leaf) => cursorOf(file, leaf, group, options.signal));
    for (let left = Number(count); left > 0; ) {
      options.signal?.throwIfAborted();
      for (const cursor of cursors) await cursor.fill();
      const rows = Math.min(most, left, ...cursors.map((cursor) => cursor.ready));
      if (rows === 0) throw corrupt(`a column ends ${left} rows before row group ${group}.`);
      yield makers.make(cursors.map((cursor) => cursor.take(rows)));
      left -= rows;
    }
    // The count of rows of a column is known when it is read to its end.
    for (const cursor of cursors) {
      await cursor.fill();
      if (cursor.ready > 0) throw corrupt(`a column has more rows than row group ${group}.`);
    }
  }
}

type Columns = readonly (readonly LeafValue[] | FloatLists | undefined)[];

function cursorOf(
  file: ForeignFile,
  leaf: ForeignLeaf,
  group: number,
  signal: AbortSignal | undefined,
): PageCursor<readonly LeafValue[] | FloatLists> {
  if (isFloatList(leaf))
    return new PageCursor<readonly LeafValue[] | FloatLists>(readFloatLists(file, leaf, group, signal));
  return new PageCursor<readonly LeafValue[] | FloatLists>(readLeaf(file, leaf, group, signal));
}

/** The values of a leaf; of a list of floats as lists of numbers. */
function valuesAt(columns: Columns, at: number): readonly LeafValue[] {
  const column = columns[at] ?? [];
  if (!('offsets' in column)) return column;
  const { rows, offsets, values, missing } = column;
  return Array.from({ length: rows }, (_, row) =>
    missing[row] === 1 ? undefined : [...values.subarray(offsets[row], offsets[row + 1])],
  );
}

interface BatchMakers {
  readonly leaves: readonly ForeignLeaf[];
  make(columns: Columns): VectorBatch;
}

function batchMakers(file: ForeignFile, mapping: ForeignMapping, wanted: 'all' | 'ids'): BatchMakers {
  const leaves: ForeignLeaf[] = [];
  /** The number of a leaf among those that are read. */
  const use = (leaf: ForeignLeaf): number => leaves.push(leaf) - 1;
  const id = use(onlyLeaf(file, mapping.id));
  const idPlace = `The column '${mapping.id}'`;
  if (wanted === 'ids') {
    const make = (columns: Columns): VectorBatch => {
      const ids = idsOf(valuesAt(columns, id), idPlace);
      return { ids, vectors: {}, metadata: emptyMetadata(ids.length) };
    };
    return { leaves, make };
  }
  const vectors = mapping.vectors.map((source) => vectorMaker(file, source, use));
  const metadata = metadataMaker(file, mapping, use);
  const times = (['createdAt', 'updatedAt'] as const).map((kind) => {
    const column = mapping[kind];
    const at = column === undefined ? undefined : use(onlyLeaf(file, column));
    return (columns: Columns) =>
      at === undefined ? undefined : timesOf(valuesAt(columns, at), `The column '${column}'`);
  });
  return {
    leaves,
    make: (columns) => {
      const ids = idsOf(valuesAt(columns, id), idPlace);
      const named = vectors.flatMap((make) => make(columns));
      const twice = named.find(([name], at) => named.findIndex(([other]) => other === name) !== at);
      if (twice !== undefined) throw corrupt(`the vector '${twice[0]}' stands in two columns.`);
      return {
        ids,
        vectors: Object.fromEntries(named),
        metadata: metadata(columns, ids.length),
        createdAt: times[0]?.(columns),
        updatedAt: times[1]?.(columns),
      };
    },
  };
}

type VectorMaker = (columns: Columns) => readonly (readonly [string, VectorColumn])[];

function vectorMaker(file: ForeignFile, source: VectorSource, use: (leaf: ForeignLeaf) => number): VectorMaker {
  const { column } = source;
  const place = `The column '${column}'`;
  if (source.form === 'sparse') {
    const indices = use(memberLeaf(file, column, 'indices'));
    const values = use(memberLeaf(file, column, 'values'));
    return (columns) => [
      [source.name, sparseVectors(source.name, valuesAt(columns, indices), valuesAt(columns, values), place)],
    ];
  }
  const leaf = onlyLeaf(file, column);
  const at = use(leaf);
  if (source.form === 'json') return (columns) => vectorsFromJson(valuesAt(columns, at), source.kind, place);
  if (source.form === 'bytes')
    return (columns) => [[source.name, vectorsFromBytes(source.name, valuesAt(columns, at), place)]];
  const depth = leaf.elements.filter((element) => element.repetition_type === 'REPEATED').length;
  if (depth < 1 || depth > 2 || !NUMBERS.has(leaf.elements.at(-1)?.type ?? '')) {
    throw new VecportError('not-supported', `${place} is no list of numbers, and is to be a vector.`, {
      advice: 'Write vectors as LIST<FLOAT>.',
    });
  }
  const make = depth === 1 ? vectorsFromLists : vectorsFromNested;
  return (columns) => {
    const column = columns[at];
    const floats = column !== undefined && 'offsets' in column ? vectorsFromFloats(column, place) : undefined;
    return [[source.name, floats ?? make(source.name, valuesAt(columns, at), place)]];
  };
}

const NUMBERS = new Set(['FLOAT', 'DOUBLE', 'INT32', 'INT64', 'FIXED_LEN_BYTE_ARRAY']);

function metadataMaker(
  file: ForeignFile,
  { json, fields = [] }: ForeignMapping,
  use: (leaf: ForeignLeaf) => number,
): (columns: Columns, rows: number) => MetadataColumn {
  if (json !== undefined) {
    const at = use(onlyLeaf(file, json));
    return (columns) => metadataOf(valuesAt(columns, at), `The column '${json}'`);
  }
  if (fields.length === 0) return (_, rows) => emptyMetadata(rows);
  const writers = fields.map((name) => {
    const leaves = leavesAt(file, name);
    return { key: JSON.stringify(name), at: leaves.map(use), write: jsonWriterOf(leaves) };
  });
  return (columns, rows) => {
    const values = writers.map(({ at }) => at.map((leaf) => valuesAt(columns, leaf)));
    return metadataFromTexts(
      Array.from({ length: rows }, (_, row) => {
        const members = writers.flatMap(({ key, write }, own) => {
          const text = write((values[own] ?? []).map((leaf) => leaf[row]));
          return text === undefined ? [] : `${key}:${text}`;
        });
        return `{${members.join(',')}}`;
      }),
    );
  };
}

function leavesAt(file: ForeignFile, column: string): readonly ForeignLeaf[] {
  const leaves = file.columns.get(column);
  if (leaves !== undefined) return leaves;
  throw new VecportError('not-supported', `The file has no column '${column}'.`, {
    advice: `It has: ${[...file.columns.keys()].map((name) => `'${name}'`).join(', ')}.`,
  });
}

function onlyLeaf(file: ForeignFile, column: string): ForeignLeaf {
  const [leaf, ...others] = leavesAt(file, column);
  if (leaf !== undefined && others.length === 0) return leaf;
  throw new VecportError('not-supported', `The column '${column}' is a structure of several.`, {
    advice: 'It must be a single text, number or list.',
  });
}

function memberLeaf(file: ForeignFile, column: string, member: string): ForeignLeaf {
  const leaf = file.columns.get(column)?.find(({ path }) => path[1] === member);
  if (leaf !== undefined) return leaf;
  throw new VecportError('not-supported', `The column '${column}' has no '${member}'.`, {
    advice: 'Sparse vectors are structures of the lists indices and values.',
  });
}
