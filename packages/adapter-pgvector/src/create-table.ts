import { type CollectionDescription, DEFAULT_VECTOR, type IdKind, type VectorSpec } from '@vecport/abstractions';
import { invalidArgument, notSupported } from './errors.js';
import { escapeJsonText } from './jsonb-text.js';
import { EMBEDDING_COLUMN, FILTER_COLUMN, ID_COLUMN, METADATA_COLUMN, type VectorType } from './layout.js';
import { isValidName, MAX_NAME_BYTES, relationOf, type TableName } from './names.js';
import type { ServerFacts } from './server-facts.js';
import { quoteName, quoteText } from './sql.js';
import { printTableNote } from './table-note.js';
import { MAX_SPARSE_WIDTH } from './write-vector.js';

/** Most dimensions of a dense vector that pgvector stores. */
export const MAX_DIMENSION = 16_000;

// Names of columns every table has, beside those of ours.
const TAKEN = [
  ID_COLUMN,
  EMBEDDING_COLUMN,
  METADATA_COLUMN,
  FILTER_COLUMN,
  'tableoid',
  'xmin',
  'cmin',
  'xmax',
  'cmax',
  'ctid',
];

/**
 * The statements that make a table for a description. Index settings are not taken over.
 * @throws VecportError `not-supported` or `invalid-argument`, naming what a table cannot have.
 */
export function createStatements(
  description: CollectionDescription,
  name: TableName,
  { types }: ServerFacts,
): readonly string[] {
  checkDescription(description, name);
  const relation = relationOf(name);
  const columns = nameColumns(Object.keys(description.vectors));
  const vectors = Object.entries(description.vectors).map(([vector, spec]) => {
    const type = columnType(vector, spec, types);
    return { vector, column: columns.get(vector) ?? '', type, metric: spec.metric };
  });
  const lines = [
    `${quoteName(ID_COLUMN)} ${idType(description.idKinds)} PRIMARY KEY`,
    ...vectors.map(({ column, type }) => `${quoteName(column)} ${type}`),
    `${quoteName(METADATA_COLUMN)} json`,
    `${quoteName(FILTER_COLUMN)} jsonb GENERATED ALWAYS AS ${escapeJsonText(quoteName(METADATA_COLUMN))} STORED`,
  ];
  const { fields, embeddingModel, idKinds } = description;
  const note = printTableNote({
    idKinds,
    vectors: Object.fromEntries(vectors.map(({ vector, column, metric }) => [vector, { column, metric }])),
    fields,
    embeddingModel,
  });
  return [
    `CREATE TABLE ${relation} (${lines.join(', ')})`,
    `COMMENT ON TABLE ${relation} IS ${quoteText(note)}`,
    ...(fields === undefined || fields.length === 0
      ? []
      : [`CREATE INDEX ON ${relation} USING gin (${quoteName(FILTER_COLUMN)} jsonb_path_ops)`]),
  ];
}

function checkDescription({ vectors, multiTenant }: CollectionDescription, { schema, table }: TableName): void {
  const tooLong = [schema, table].find((part) => !isValidName(part));
  if (tooLong !== undefined) {
    throw invalidArgument(
      `'${tooLong}' cannot be the name of a table or schema.`,
      `At most ${MAX_NAME_BYTES} bytes of Unicode.`,
    );
  }
  if (multiTenant === true) {
    throw notSupported(
      'Tables of PostgreSQL have no tenants.',
      'Make a table for each, or keep the tenant in the metadata.',
    );
  }
  if (Object.keys(vectors).length === 0) throw invalidArgument('The collection has no vectors.');
}

// Integers beyond 64 bits signed have no type whose index is as good as that of text.
function idType(kinds: readonly IdKind[]): string {
  if (kinds.length === 1 && kinds[0] === 'i64') return 'int8';
  if (kinds.length === 1 && kinds[0] === 'uuid') return 'uuid';
  return 'text COLLATE "C"';
}

function nameColumns(vectors: readonly string[]): ReadonlyMap<string, string> {
  const used = new Set<string>(TAKEN);
  const columns = new Map<string, string>();
  for (const name of vectors) {
    if (name === DEFAULT_VECTOR) columns.set(name, EMBEDDING_COLUMN);
    else if (isValidName(name) && !used.has(name)) columns.set(name, name);
    used.add(name);
  }
  let next = 1;
  for (const name of vectors.filter((vector) => !columns.has(vector))) {
    while (used.has(`vector_${next}`)) next += 1;
    columns.set(name, `vector_${next}`);
    used.add(`vector_${next}`);
  }
  return columns;
}

function columnType(name: string, spec: VectorSpec, types: ServerFacts['types']): string {
  const type = storageType(name, spec);
  if (types[type] === undefined) {
    throw notSupported(`The vector '${name}' needs the type ${type}.`, 'Update pgvector to 0.7 or later.');
  }
  checkMetric(name, spec, type);
  if (spec.kind === 'sparse') return `${type}(${MAX_SPARSE_WIDTH})`;
  const { dimension } = spec;
  const least = type === 'bit' ? 2 : 1;
  if (dimension === undefined || !Number.isInteger(dimension) || dimension < least || dimension > MAX_DIMENSION) {
    throw notSupported(
      `The vector '${name}' has ${dimension} dimensions.`,
      `pgvector stores ${least} to ${MAX_DIMENSION}.`,
    );
  }
  return `${type}(${dimension})${spec.kind === 'multi' ? '[]' : ''}`;
}

function storageType(name: string, { kind, elementType }: VectorSpec): VectorType {
  if (elementType === 'float32') return kind === 'sparse' ? 'sparsevec' : 'vector';
  if (kind === 'dense' && elementType === 'float16') return 'halfvec';
  if (kind === 'dense' && elementType === 'binary') return 'bit';
  throw notSupported(
    `The vector '${name}' is ${kind} of ${elementType}, which pgvector does not store.`,
    'It stores dense vectors of float32, float16 or binary, sparse ones of float32, and lists of float32 vectors.',
  );
}

function checkMetric(name: string, { metric }: VectorSpec, type: VectorType): void {
  const ofBits = metric === 'hamming' || metric === 'jaccard';
  if (metric === undefined || ofBits === (type === 'bit')) return;
  throw notSupported(
    `The vector '${name}' cannot be compared by ${metric}.`,
    'Binary vectors are compared by hamming or jaccard, all others by cosine, dot, euclidean or manhattan.',
  );
}
