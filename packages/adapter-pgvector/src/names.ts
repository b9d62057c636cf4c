import { invalidArgument } from './errors.js';
import { isStorableText, quoteName } from './sql.js';

/** Longest name in bytes; PostgreSQL cuts longer ones off, where nothing stops it. */
export const MAX_NAME_BYTES = 63;

/** Where a collection's table is. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/**
 * Split a collection's name: `table`, in the given schema, or `schema.table`. A part that holds a dot or a double
 * quote stands in double quotes, those inside it doubled. Case is kept as it is.
 * @throws VecportError `invalid-argument` for what is no such name.
 */
export function parseTableName(name: string, defaultSchema: string): TableName {
  const parts = splitParts(name);
  const [first, second] = parts ?? [];
  if (parts === undefined || first === undefined || parts.length > 2 || !isStorableText(name)) {
    throw invalidArgument(
      `'${name}' is not the name of a table.`,
      'Write table or schema.table, a part that holds a dot or a quote in double quotes.',
    );
  }
  return second === undefined ? { schema: defaultSchema, table: first } : { schema: first, table: second };
}

/** The name {@link parseTableName} reads back, without the schema where it is the given one. */
export function printTableName({ schema, table }: TableName, defaultSchema: string): string {
  return schema === defaultSchema ? printPart(table) : `${printPart(schema)}.${printPart(table)}`;
}

/** The table as SQL names it. */
export function relationOf({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

/** Whether PostgreSQL takes the name as it is. */
export function isValidName(name: string): boolean {
  return name !== '' && isStorableText(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

function printPart(part: string): string {
  return /[."]/.test(part) ? quoteName(part) : part;
}

const PART = /"((?:[^"]|"")+)"|([^."]+)/y;

function splitParts(name: string): string[] | undefined {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    PART.lastIndex = at;
    const found = PART.exec(name);
    if (found === null) return undefined;
    parts.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    at = PART.lastIndex;
    if (at === name.length) return parts;
    if (name[at] !== '.') return undefined;
    at += 1;
  }
}
