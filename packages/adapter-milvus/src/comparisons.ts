import type { FieldType, FilterValue } from '@vecport/abstractions';
import { notSupported } from './errors.js';
import { quoteText } from './expression.js';
import type { Operand } from './operand.js';
import type { ServerInfo } from './server-kind.js';

/** An expression, or what it is known to be without asking. */
export type Compiled = string | boolean;

const OPERATORS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const OPPOSITE = { gt: 'lte', gte: 'lt', lt: 'gte', lte: 'gt' } as const;
/** Which side of a number is asked for. */
export type OrderOperator = keyof typeof OPERATORS;

const MAX_I64 = 2n ** 63n - 1n;

/** A literal that a value of the operand can equal; `undefined`: none of its type can. */
function literal(value: FilterValue, type: FieldType | undefined, server: ServerInfo): string | undefined {
  if (typeof value === 'string') return fits(type, 'string') ? quoteText(value, server) : undefined;
  if (typeof value === 'boolean') return fits(type, 'boolean') ? String(value) : undefined;
  if (!fits(type, 'number')) return undefined;
  if (type === 'integer' && typeof value === 'number' && !Number.isInteger(value)) return undefined;
  return numberLiteral(value);
}

/** @throws VecportError `not-supported` for integers beyond 64 bits. */
function numberLiteral(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value);
  const integer = BigInt(value);
  if (integer > MAX_I64 || integer < -MAX_I64) {
    throw notSupported(`Milvus compares integers of 64 bits; ${value} is beyond them.`);
  }
  return String(integer);
}

// Without a declared type, JSON is compared by the type of the value: all servers but milvus-lite 3 tell them apart.
function fits(type: FieldType | undefined, wanted: 'string' | 'boolean' | 'number'): boolean {
  return type === undefined || type === wanted || (wanted === 'number' && type === 'integer');
}

/** `operand == value`, or its exact opposite. */
export function equals(operand: Operand, value: FilterValue, negated: boolean, server: ServerInfo): Compiled {
  const { expression, type } = operand;
  const text = literal(value, columnType(operand, server, type), server);
  if (text === undefined) return negated;
  if (!negated) return `${expression} == ${text}`;
  if (server.kind === 'lite-2') return `${expression} != ${text}`;
  if (server.kind === 'lite-3') return orNull(operand, `${expression} != ${text}`);
  return notHeld(operand, `${expression} == ${text}`);
}

/** `operand > value` and its like, or the exact opposite. */
export function ordered(
  operand: Operand,
  op: OrderOperator,
  value: string | number | bigint,
  negated: boolean,
  server: ServerInfo,
): Compiled {
  const type = columnType(operand, server, operand.type);
  if (!fits(type, typeof value === 'string' ? 'string' : 'number')) return negated;
  const [asked, text] = typeof value === 'string' ? [op, quoteText(value, server)] : orderedNumber(operand, op, value);
  const holds = `${operand.expression} ${OPERATORS[asked]} ${text}`;
  if (!negated) return holds;
  if (server.kind === 'lite-3') return orNull(operand, `${operand.expression} ${OPERATORS[OPPOSITE[asked]]} ${text}`);
  return notHeld(operand, holds);
}

// A column of integers is compared with integers: above 1.5 is above 1, and not above 1.5 is at most 1.
function orderedNumber(operand: Operand, op: OrderOperator, value: number | bigint): [OrderOperator, string] {
  if (
    operand.kind === 'column' &&
    operand.type === 'integer' &&
    typeof value === 'number' &&
    !Number.isInteger(value)
  ) {
    return [op === 'gt' || op === 'gte' ? 'gt' : 'lte', numberLiteral(Math.floor(value))];
  }
  const text = numberLiteral(value);
  return [op, operand.kind === 'column' && operand.type === 'number' && /^-?\d+$/.test(text) ? `${text}.0` : text];
}

/** `operand` is one of the values, or the exact opposite. */
export function isOneOf(
  operand: Operand,
  values: readonly FilterValue[],
  negated: boolean,
  server: ServerInfo,
): Compiled {
  const type = columnType(operand, server, operand.type);
  const literals = [...new Set(values.flatMap((value) => literal(value, type, server) ?? []))];
  if (literals.length === 0) return negated;
  const compare = (operator: string, join: string): string =>
    `(${literals.map((text) => `${operand.expression} ${operator} ${text}`).join(join)})`;
  if (!negated) return compare('==', ' or ');
  if (server.kind === 'lite-2') return compare('!=', ' and ');
  if (server.kind === 'lite-3') return orNull(operand, compare('!=', ' and '));
  return notHeld(operand, compare('==', ' or '));
}

/** The point has the field, and it is not `null`; or the exact opposite. */
export function isThere(operand: Operand, field: string, negated: boolean, server: ServerInfo): Compiled {
  const { expression, kind, nullable, neverNull, type } = operand;
  if (kind === 'column' && !nullable) return !negated;
  if (kind === 'column' || server.kind === 'lite-3') return `${expression} is ${negated ? '' : 'not '}null`;
  // `exists a or b` would be read as `exists (a or b)`.
  if (neverNull) return negated ? `not (exists ${expression})` : `(exists ${expression})`;
  if (type === undefined || type.endsWith('[]')) {
    throw notSupported(
      `This Milvus cannot tell whether '${field}' is null: it is not known to be a text, a number or a boolean.`,
      'Declare its type in `fields` when the collection is made.',
    );
  }
  // `exists` is true of null, so a value of any scalar type is looked for.
  const values = ['>= ""', '>= 0', '< 0', '== true', '== false'];
  const holds = `(${values.map((part) => `${expression} ${part}`).join(' or ')})`;
  return negated ? `not ${holds}` : holds;
}

/** The field is a list with this element, or the exact opposite. */
export function hasElement(
  operand: Operand,
  field: string,
  value: FilterValue,
  negated: boolean,
  server: ServerInfo,
): Compiled {
  const { type, kind, expression } = operand;
  if (kind === 'column' || (type !== undefined && !type.endsWith('[]'))) return negated;
  const item = type?.slice(0, -2) as FieldType | undefined;
  const text = literal(value, server.kind === 'lite-3' ? item : undefined, server);
  if (text === undefined) return negated;
  const place = server.kind === 'lite-3' ? operand.plain : expression;
  if (place === undefined)
    throw notSupported(
      `Milvus-lite 3 cannot look into the list '${field}': its name has other characters than letters, digits and _.`,
    );
  // An integer finds integers only, a float finds both.
  const isSafe = server.kind !== 'lite-3' && /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text));
  const holds = `json_contains(${place}, ${isSafe ? `${text}.0` : text})`;
  return negated ? (server.kind === 'lite-3' ? `not (${holds})` : notHeld(operand, holds)) : holds;
}

/** Where values of other types are stored away, as in milvus-lite 3, and in columns, the declared type decides. */
function columnType(operand: Operand, server: ServerInfo, type: FieldType | undefined): FieldType | undefined {
  return operand.kind === 'column' || server.kind === 'lite-3' ? type : undefined;
}

function orNull({ expression, nullable }: Operand, holds: string): string {
  return nullable ? `(${expression} is null or ${holds})` : holds;
}

// A server that knows "unknown" must not take a missing value for it.
function notHeld({ expression, kind, nullable }: Operand, holds: string): string {
  if (!nullable) return `not (${holds})`;
  const absent = kind === 'json' ? `not (exists ${expression})` : `${expression} is null`;
  return `(not (${holds}) or ${absent})`;
}
