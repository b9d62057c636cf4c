import type { FieldType } from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import { DATA_TYPE } from './data-types.js';
import { notSupported } from './errors.js';
import { quoteText } from './expression.js';
import { DYNAMIC_FIELD, filterType, type Layout } from './layout.js';
import type { ServerInfo } from './server-kind.js';

/** What a filter compares. */
export interface Operand {
  readonly expression: string;
  /** A path into JSON, or a field with a type of its own. */
  readonly kind: 'json' | 'column';
  /** The type it is declared to have; always known of a column. */
  readonly type: FieldType | undefined;
  /** Whether a point may lack it. */
  readonly nullable: boolean;
  /** Whether it is never `null`: there, or missing. */
  readonly neverNull: boolean;
  /** The same for functions of milvus-lite 3, which take no `$meta`; absent where there is no such spelling. */
  readonly plain: string | undefined;
}

// What can stand between the brackets of a JSON path; anything else is escaped differently by every server.
const SEGMENT = /^[\p{L}\p{M}\p{N}_ -]+$/u;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * What a field of a filter is on the server.
 * @throws VecportError `not-supported` naming a field that cannot be compared exactly.
 */
export function operandOf(field: string, layout: Layout, server: ServerInfo): Operand {
  const declared = layout.fields.find(({ name }) => name === field)?.type;
  const [first = '', ...rest] = field.split('.');
  const column = layout.scalars.find(({ name }) => name === first);
  if (column !== undefined && column.type !== DATA_TYPE.JSON) {
    const type = filterType(column);
    if (rest.length > 0 || type === undefined) throw refused(field, 'its type cannot be compared exactly');
    return {
      expression: first,
      kind: 'column',
      type,
      nullable: column.nullable,
      neverNull: !column.nullable,
      plain: first,
    };
  }
  if (column === undefined && !layout.dynamic) throw refused(field, `the collection has no such field`);
  if (server.kind === 'lite-3' && declared === undefined) {
    throw refused(
      field,
      'milvus-lite 3 cannot tell 1 from true',
      'Declare its type in `fields` when the collection is made.',
    );
  }
  const segments = column === undefined ? [first, ...rest] : rest;
  if (column === undefined && isTaken(first, layout)) {
    throw refused(field, 'the name is taken by a field of the collection, so it is kept where filters do not see it');
  }
  const awkward = segments.find((segment, at) => !SEGMENT.test(segment) || (at > 0 && /^\d+$/.test(segment)));
  if (awkward !== undefined) throw refused(field, `Milvus reads the key '${awkward}' in a path otherwise`);
  const path = (from: readonly string[]): string => from.map((part) => `[${quoteText(part, server)}]`).join('');
  const plain = IDENTIFIER.test(first) ? `${first}${path(rest)}` : undefined;
  return {
    expression: column === undefined ? `${DYNAMIC_FIELD}${path(segments)}` : `${first}${path(rest)}`,
    kind: 'json',
    type: declared,
    nullable: true,
    neverNull: layout.marker !== undefined && rest.length === 0,
    plain,
  };
}

/** Whether a metadata field cannot be kept under its own name. */
export function isTaken(name: string, { key, vectors, scalars }: Layout): boolean {
  return (
    name === DYNAMIC_FIELD ||
    name === RESERVED_FIELD ||
    name === key.field ||
    vectors.some(({ field }) => field === name) ||
    scalars.some((field) => field.name === name)
  );
}

function refused(field: string, why: string, advice?: string): Error {
  return notSupported(`This collection cannot be filtered by '${field}': ${why}.`, advice);
}
