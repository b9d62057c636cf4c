import { DEFAULT_VECTOR, VecportError } from '@vecport/abstractions';
import type { OtherLayout } from '../layout.js';
import type { ForeignMapping, VectorSource } from './foreign-batches.js';
import type { DescribedIndex } from './foreign-files.js';
import type { ForeignFile } from './foreign-parquet.js';

/** What the columns of a file are, and those that are nothing to us. */
export interface MappedFile {
  readonly mapping: ForeignMapping;
  readonly unread: readonly string[];
}

/**
 * What the columns of a file are in a layout.
 * @throws VecportError `not-supported` where one is missing that the layout has to have.
 */
export function mapColumns(layout: OtherLayout, file: ForeignFile, described: DescribedIndex | undefined): MappedFile {
  const mapping = mappingOf(layout, file, described);
  const used = new Set([
    mapping.id,
    ...mapping.vectors.map(({ column }) => column),
    ...(mapping.fields ?? []),
    ...[mapping.json, mapping.createdAt, mapping.updatedAt].filter((column) => column !== undefined),
    ...(layout === 'weaviate' ? ['class_name'] : []),
  ]);
  return { mapping, unread: [...file.columns.keys()].filter((column) => !used.has(column)) };
}

function mappingOf(
  layout: OtherLayout,
  { columns }: ForeignFile,
  described: DescribedIndex | undefined,
): ForeignMapping {
  const has = (column: string): string | undefined => (columns.has(column) ? column : undefined);
  const one = (...names: readonly string[]): string => {
    const found = names.find((name) => columns.has(name));
    if (found !== undefined) return found;
    throw new VecportError(
      'not-supported',
      `A file of the layout '${layout}' has a column '${names[0]}'; this has none.`,
      {
        advice: `It has: ${[...columns.keys()].join(', ')}. Choose the layout it was written in.`,
      },
    );
  };
  const lists = (name: string, column: string): VectorSource => ({ form: 'lists', name, column });
  switch (layout) {
    case 'weaviate':
      return {
        id: one('id'),
        vectors: [
          { form: 'bytes', name: DEFAULT_VECTOR, column: one('vector') },
          { form: 'json', kind: 'dense', column: one('named_vectors') },
          { form: 'json', kind: 'multi', column: one('multi_vectors') },
        ],
        json: one('properties'),
        createdAt: has('creation_time'),
        updatedAt: has('update_time'),
      };
    case 'qdrant':
      return {
        id: one('key', 'id'),
        vectors: [lists(DEFAULT_VECTOR, one('vector'))],
        json: has('metadata') ?? has('payload'),
      };
    case 'pinecone': {
      const dense = has('values');
      const sparse = has('sparse_values');
      if (dense === undefined && sparse === undefined) one('values');
      return {
        id: one('id'),
        vectors: [
          ...(dense === undefined ? [] : [lists(DEFAULT_VECTOR, dense)]),
          ...(sparse === undefined ? [] : [{ form: 'sparse' as const, name: sparseName(dense), column: sparse }]),
        ],
        json: has('metadata'),
      };
    }
    case 'vdf': {
      const { idColumn = 'id', vectorColumns = ['vector'] } = described ?? {};
      const id = one(idColumn);
      const single = vectorColumns.length === 1;
      const vectors = vectorColumns.map((column) =>
        lists(single || column === 'vector' ? DEFAULT_VECTOR : column, one(column)),
      );
      const fields = [...columns.keys()].filter((name) => name !== id && !vectorColumns.includes(name));
      return { id, vectors, fields };
    }
  }
}

/** As our adapter for Pinecone names the sparse vectors of a hybrid index, and of a sparse one. */
function sparseName(dense: string | undefined): string {
  return dense === undefined ? DEFAULT_VECTOR : 'sparse';
}
