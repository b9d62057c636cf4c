import { type IdKind, isIdOfKind, type VectorId } from '@vecport/abstractions';
import { isStorableText, quoteName, quoteText } from './sql.js';

/**
 * How a column of a key is compared. `other` types are found by the text PostgreSQL prints for them, which is exact
 * and uses no index.
 */
export type KeyKind = 'int2' | 'int4' | 'int8' | 'uuid' | 'text' | 'other';

/** A column of a table's key. */
export interface KeyColumn {
  readonly name: string;
  /** The type as SQL prints it. */
  readonly type: string;
  readonly kind: KeyKind;
  /** Texts are ordered by code point. */
  readonly isBytewise: boolean;
}

const INTEGER_BITS: Readonly<Partial<Record<KeyKind, bigint>>> = { int2: 16n, int4: 32n, int8: 64n };

/** The kinds of identifier a key stands for; several columns are text. */
export function idKindsOf(key: readonly KeyColumn[]): readonly IdKind[] {
  const [first] = key;
  if (first === undefined || key.length > 1) return ['string'];
  if (first.kind === 'uuid') return ['uuid'];
  return INTEGER_BITS[first.kind] === undefined ? ['string'] : ['i64'];
}

/** The SQL of an identifier: the column's text, or for several columns a JSON array of their texts. */
export function idExpression(key: readonly KeyColumn[]): string {
  const texts = key.map(({ name }) => `t.${quoteName(name)}::text`);
  return texts.length === 1 ? (texts[0] ?? '') : `to_json(ARRAY[${texts.join(', ')}])::text`;
}

/** What `ORDER BY` needs for the order of the key. */
export function keyOrder(key: readonly KeyColumn[]): string {
  return key.map(columnSql).join(', ');
}

/**
 * The texts of a key's columns, or `undefined` where no row can have this identifier: it is not spelled the way
 * PostgreSQL prints a value of these types.
 */
export function splitId(key: readonly KeyColumn[], id: VectorId): readonly string[] | undefined {
  const parts = key.length === 1 ? [id] : parseParts(id, key.length);
  return parts?.every((part, at) => canBe(key[at]?.kind, part)) === true ? parts : undefined;
}

/** The condition that the key is one of these identifiers; those no row can have are left out. */
export function keyIn(key: readonly KeyColumn[], ids: readonly VectorId[]): string {
  const known = ids.flatMap((id) => {
    const parts = splitId(key, id);
    return parts === undefined ? [] : [parts];
  });
  if (known.length === 0) return 'false';
  const [left, ...more] = key.map(({ name, kind }) =>
    kind === 'other' ? `t.${quoteName(name)}::text COLLATE "C"` : `t.${quoteName(name)}`,
  );
  const literals = known.map((parts) =>
    parts.map((part, at) => {
      const column = key[at];
      return column === undefined || column.kind === 'other' ? quoteText(part) : literal(column, part);
    }),
  );
  if (more.length === 0) return `${left} IN (${literals.join(', ')})`;
  return `(${[left, ...more].join(', ')}) IN (${literals.map((row) => `(${row.join(', ')})`).join(', ')})`;
}

/** The condition that the key is after, or at most, that of an identifier which was read from the table. */
export function keyCompare(key: readonly KeyColumn[], operator: '>' | '<=', id: VectorId): string | undefined {
  const parts = splitId(key, id);
  if (parts === undefined) return undefined;
  const literals = parts.map((part, at) => literal(key[at] as KeyColumn, part));
  if (key.length === 1) return `${keyOrder(key)} ${operator} ${literals[0] ?? ''}`;
  return `(${keyOrder(key)}) ${operator} (${literals.join(', ')})`;
}

function columnSql({ name }: KeyColumn): string {
  return `t.${quoteName(name)}`;
}

// A cast to a type with a length would cut the text off.
function literal({ type, kind }: KeyColumn, text: string): string {
  return `${quoteText(text)}::${kind === 'other' ? type : kind}`;
}

function parseParts(id: VectorId, length: number): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(id);
    const isKey = Array.isArray(value) && value.length === length && value.every((part) => typeof part === 'string');
    return isKey && JSON.stringify(value) === id ? value : undefined;
  } catch {
    return undefined;
  }
}

function canBe(kind: KeyKind | undefined, text: string): boolean {
  if (kind === 'uuid') return isIdOfKind(text, 'uuid');
  const bits = kind === undefined ? undefined : INTEGER_BITS[kind];
  if (bits === undefined) return isStorableText(text);
  return isIdOfKind(text, 'i64') && BigInt.asIntN(Number(bits), BigInt(text)) === BigInt(text);
}
