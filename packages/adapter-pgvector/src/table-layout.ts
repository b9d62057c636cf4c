import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type ElementType,
  type Metric,
  VecportError,
  type VectorKind,
  type VectorSpec,
} from '@vecport/abstractions';
import { shownName } from './catalog.js';
import { PROVIDER } from './config.js';
import { notSupported } from './errors.js';
import { idKindsOf, type KeyColumn, type KeyKind } from './key.js';
import {
  type ColumnFacts,
  EMBEDDING_COLUMN,
  FILTER_COLUMN,
  METADATA_COLUMN,
  metricOfIndex,
  neutralIndex,
  type TableFacts,
  type TableLayout,
  type VectorLayout,
  type VectorType,
  vectorIndexes,
} from './layout.js';
import { relationOf, type TableName } from './names.js';
import type { ServerFacts } from './server-facts.js';
import { readTableNote, type TableNote } from './table-note.js';

/** Element types by column type. */
export const ELEMENT_TYPES: Readonly<Record<VectorType, ElementType>> = {
  vector: 'float32',
  halfvec: 'float16',
  sparsevec: 'float32',
  bit: 'binary',
};

/**
 * What the columns of a table are for: those of a table Vecport made as its comment says; of any other the key is the
 * identifier, columns of vectors are the vectors, all others the metadata.
 * @throws VecportError `not-supported` for a table without a key, with vectors of no fixed dimension, or changed by
 * somebody after Vecport made it.
 */
export function layoutOf(name: TableName, facts: TableFacts, server: ServerFacts): TableLayout {
  const note = readTableNote(facts.comment);
  const key = keyOf(name, facts);
  const keyNames = new Set(key.map((column) => column.name));
  const others = facts.columns.filter((column) => !keyNames.has(column.name));
  const columns = others.flatMap((column) => {
    const type = vectorTypeOf(column, server);
    return type === undefined ? [] : [{ column, ...type }];
  });
  const named = nameVectors(columns, note);
  const vectors = named.map(({ vectorName, column, type, isMulti }): VectorLayout => {
    return vectorLayout({ name, facts, note, vectorName, column, type, isMulti });
  });
  const taken = new Set(vectors.map(({ column }) => column));
  const rest = others.filter((column) => !taken.has(column.name));
  if (note !== undefined) checkOwn(name, note, vectors, rest);
  return {
    name,
    relation: relationOf(name),
    key,
    vectors,
    fields:
      note === undefined
        ? rest.map((column) => ({
            name: column.name,
            type: column.type,
            isGenerated: column.generated !== '' || column.identity === 'a',
          }))
        : undefined,
    description: describeLayout(key, vectors, note),
  };
}

function describeLayout(
  key: readonly KeyColumn[],
  vectors: readonly VectorLayout[],
  note: TableNote | undefined,
): Omit<CollectionDescription, 'name'> {
  return {
    vectors: Object.fromEntries(vectors.map((vector) => [vector.name, vector.spec])),
    idKinds: note?.idKinds ?? idKindsOf(key),
    ...(note?.fields === undefined ? {} : { fields: note.fields }),
    ...(note?.embeddingModel === undefined ? {} : { embeddingModel: note.embeddingModel }),
  };
}

function keyOf(name: TableName, facts: TableFacts): readonly KeyColumn[] {
  const columns = new Map(facts.columns.map((column) => [column.name, column]));
  const usable = facts.indexes.filter(
    (index) => index.isKey && index.columns.every((column) => column !== null && columns.get(column)?.notNull === true),
  );
  const found = usable.find((index) => index.isPrimary) ?? usable[0];
  if (found === undefined) {
    throw notSupported(
      `The table '${shownName(name)}' has no primary key, so its rows cannot be told apart.`,
      'Give it a primary key, or a unique index over columns that are NOT NULL.',
    );
  }
  return found.columns.flatMap((column) => {
    const known = columns.get(column ?? '');
    return known === undefined ? [] : [keyColumn(known)];
  });
}

const KEY_TYPES: Readonly<Record<string, KeyKind>> = {
  '21': 'int2',
  '23': 'int4',
  '20': 'int8',
  '2950': 'uuid',
  '25': 'text',
  '1043': 'text',
};

function keyColumn({ name, type, typeId, deterministic, collation }: ColumnFacts): KeyColumn {
  const kind = KEY_TYPES[typeId] ?? 'other';
  return {
    name,
    type,
    // Where a collation takes different texts for equal, the server's own comparison would find the wrong row.
    kind: kind === 'text' && !deterministic ? 'other' : kind,
    isBytewise: kind === 'text' && (collation === 'C' || collation === 'POSIX'),
  };
}

interface TypedColumn {
  readonly column: ColumnFacts;
  readonly type: VectorType;
  readonly isMulti: boolean;
}

function vectorTypeOf(
  { typeId, elementTypeId, modifier }: ColumnFacts,
  { types }: ServerFacts,
): Omit<TypedColumn, 'column'> | undefined {
  const known = Object.entries(types) as readonly (readonly [VectorType, string])[];
  const [type] = known.find(([, id]) => id === typeId) ?? [];
  // A bit of its own is a flag.
  if (type === 'bit') return modifier > 1 ? { type, isMulti: false } : undefined;
  if (type !== undefined) return { type, isMulti: false };
  return elementTypeId !== '0' && elementTypeId === types.vector ? { type: 'vector', isMulti: true } : undefined;
}

// Without a note: one vector is the unnamed one, of several the one called `embedding`; the others are called like their columns.
function nameVectors(
  columns: readonly TypedColumn[],
  note: TableNote | undefined,
): readonly (TypedColumn & { readonly vectorName: string })[] {
  if (note !== undefined) {
    return Object.entries(note.vectors).flatMap(([vectorName, { column }]) => {
      const found = columns.find((candidate) => candidate.column.name === column);
      return found === undefined ? [] : [{ ...found, vectorName }];
    });
  }
  const main =
    columns.length === 1
      ? columns[0]
      : columns.some(({ column }) => column.name === DEFAULT_VECTOR)
        ? undefined
        : columns.find(({ column }) => column.name === EMBEDDING_COLUMN);
  return columns.map((typed) => ({ ...typed, vectorName: typed === main ? DEFAULT_VECTOR : typed.column.name }));
}

interface VectorParts extends TypedColumn {
  readonly name: TableName;
  readonly facts: TableFacts;
  readonly note: TableNote | undefined;
  readonly vectorName: string;
}

function vectorLayout({ name, facts, note, vectorName, column, type, isMulti }: VectorParts): VectorLayout {
  const kind: VectorKind = type === 'sparsevec' ? 'sparse' : isMulti ? 'multi' : 'dense';
  const width = column.modifier > 0 ? column.modifier : undefined;
  if (width === undefined && kind !== 'sparse') throw noDimension(name, column);
  const indexes = vectorIndexes(facts, column.name);
  const [index] = indexes;
  const metric = note?.vectors[vectorName]?.metric ?? commonMetric(indexes.map(metricOfIndex));
  const spec: VectorSpec = {
    kind,
    ...(kind === 'sparse' ? {} : { dimension: width }),
    elementType: ELEMENT_TYPES[type],
    ...(metric === undefined ? {} : { metric }),
    ...(index === undefined ? {} : { index: neutralIndex(index) }),
  };
  return { name: vectorName, column: column.name, type, spec, width };
}

function commonMetric(metrics: readonly (Metric | undefined)[]): Metric | undefined {
  return new Set(metrics).size === 1 ? metrics[0] : undefined;
}

function checkOwn(
  name: TableName,
  note: TableNote,
  vectors: readonly VectorLayout[],
  rest: readonly ColumnFacts[],
): void {
  const own = new Set([METADATA_COLUMN, FILTER_COLUMN]);
  const extra = rest.filter((column) => !own.has(column.name)).map((column) => column.name);
  const gone = Object.values(note.vectors)
    .map(({ column }) => column)
    .filter((column) => !vectors.some((vector) => vector.column === column));
  const lost = [...own].filter((column) => !rest.some((one) => one.name === column));
  if (extra.length + gone.length + lost.length === 0) return;
  const changes = [
    ...extra.map((column) => `the column '${column}' was added`),
    ...[...gone, ...lost].map((column) => `the column '${column}' is gone or of another type`),
  ];
  throw notSupported(
    `The table '${shownName(name)}' was changed after Vecport made it: ${changes.join(', ')}.`,
    'Change it back, or remove the comment of the table (COMMENT ON TABLE … IS NULL): then it is read like any other.',
  );
}

function noDimension(name: TableName, { name: column, type }: ColumnFacts): VecportError {
  return new VecportError(
    'not-supported',
    `The column '${column}' of '${shownName(name)}' is a ${type} without a dimension.`,
    {
      provider: PROVIDER,
      advice: `If all its vectors are alike, say so: ALTER TABLE … ALTER COLUMN ${column} TYPE vector(n); otherwise split the table.`,
    },
  );
}
