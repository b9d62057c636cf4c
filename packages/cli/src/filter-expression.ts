import type { Filter, FilterValue } from '@vecport/abstractions';
import { type Token, tokenize, WORDS } from './filter-tokens.js';

/** What is wrong with an expression, and at which character, counted from 1. */
export class FilterExpressionError extends Error {
  override readonly name = 'FilterExpressionError';
}

const COMPARISONS = { '=': 'eq', '!=': 'ne', '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const;
const SYMBOLS = { eq: '=', ne: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const MAX_DEPTH = 100;

/**
 * The portable filter an expression stands for, e.g. `lang = 'de' and not (year < 2020 or tag in ('a', 'b'))`.
 *
 * Comparisons are `=`, `!=`, `>`, `>=`, `<`, `<=` and `in (…)`; `exists(field)` and `contains(field, value)` are functions.
 * `not` binds more than `and`, that more than `or`; parentheses group. Texts stand in single quotes, a quote in them
 * is doubled; a field that is not a plain name stands in double quotes. Values may also be numbers, `true` and
 * `false`; whole numbers beyond 2^53 keep all digits.
 * @throws FilterExpressionError with the place.
 */
export function parseFilterExpression(text: string): Filter {
  const reader = createReader(text);
  const filter = parseOr(reader, 0);
  const rest = reader.peek();
  if (rest.kind !== 'end') throw wrong(rest, 'nothing more');
  return filter;
}

/** A filter as an expression; `parseFilterExpression` gives the same filter again. */
export function printFilterExpression(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => printOperand(part));
      // Of none or one there is no infix form.
      return parts.length < 2 ? `${filter.op}(${parts.join('')})` : parts.join(` ${filter.op} `);
    }
    case 'not':
      return `not ${printOperand(filter.filter)}`;
    case 'exists':
      return `exists(${printField(filter.field)})`;
    case 'contains':
      return `contains(${printField(filter.field)}, ${printValue(filter.value)})`;
    case 'in':
      return `${printField(filter.field)} in (${filter.values.map((value) => printValue(value)).join(', ')})`;
    default:
      return `${printField(filter.field)} ${SYMBOLS[filter.op]} ${printValue(filter.value)}`;
  }
}

interface Reader {
  peek(ahead?: number): Token;
  take(): Token;
  /** Take the token if it is this sign or word. */
  skip(text: string): boolean;
  expect(text: string): void;
}

function createReader(text: string): Reader {
  const tokens = tokenize(text, (at, expected) => failure(at, expected));
  let at = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
  const skip = (sign: string): boolean => {
    const token = peek();
    const found = (token.kind === 'sign' || token.kind === 'word') && token.text === sign;
    if (found) at++;
    return found;
  };
  return {
    peek,
    skip,
    take: () => {
      const token = peek();
      at++;
      return token;
    },
    expect: (sign) => {
      if (!skip(sign)) throw wrong(peek(), `'${sign}'`);
    },
  };
}

function parseOr(reader: Reader, depth: number): Filter {
  return parseJoined(reader, 'or', () => parseJoined(reader, 'and', () => parseUnary(reader, depth)));
}

function parseJoined(reader: Reader, op: 'and' | 'or', parseOne: () => Filter): Filter {
  const first = parseOne();
  const filters = [first];
  while (reader.skip(op)) filters.push(parseOne());
  return filters.length === 1 ? first : { op, filters };
}

function parseUnary(reader: Reader, depth: number): Filter {
  if (depth > MAX_DEPTH) throw wrong(reader.peek(), `no more than ${MAX_DEPTH} levels`);
  if (reader.skip('not')) return { op: 'not', filter: parseUnary(reader, depth + 1) };
  if (reader.skip('(')) {
    const filter = parseOr(reader, depth + 1);
    reader.expect(')');
    return filter;
  }
  const { kind, text } = reader.peek();
  if (kind === 'word' && isCall(reader)) {
    if (text === 'exists' || text === 'contains') return parseFunction(reader, text);
    if (text === 'and' || text === 'or') return parseShort(reader, text, depth);
  }
  return parseComparison(reader);
}

function isCall(reader: Reader): boolean {
  const next = reader.peek(1);
  return next.kind === 'sign' && next.text === '(';
}

function parseFunction(reader: Reader, op: 'exists' | 'contains'): Filter {
  reader.take();
  reader.expect('(');
  const field = parseField(reader);
  if (op === 'contains') reader.expect(',');
  const filter: Filter = op === 'exists' ? { op, field } : { op, field, value: parseValue(reader) };
  reader.expect(')');
  return filter;
}

/** `and()` and `or(…)` with one filter, which have no infix form. */
function parseShort(reader: Reader, op: 'and' | 'or', depth: number): Filter {
  reader.take();
  reader.expect('(');
  if (reader.skip(')')) return { op, filters: [] };
  const filter = parseOr(reader, depth + 1);
  reader.expect(')');
  return { op, filters: [filter] };
}

function parseComparison(reader: Reader): Filter {
  const field = parseField(reader);
  if (reader.skip('in')) return { op: 'in', field, values: parseValues(reader) };
  const sign = reader.take();
  const op =
    sign.kind === 'sign' && sign.text in COMPARISONS ? COMPARISONS[sign.text as keyof typeof COMPARISONS] : undefined;
  if (op === undefined) throw wrong(sign, 'a comparison such as = or in');
  const at = reader.peek();
  const value = parseValue(reader);
  if (op === 'eq' || op === 'ne') return { op, field, value };
  if (typeof value === 'boolean') throw wrong(at, 'a text or a number: true and false have no order');
  return { op, field, value };
}

function parseValues(reader: Reader): readonly FilterValue[] {
  const values: FilterValue[] = [];
  reader.expect('(');
  if (reader.skip(')')) return values;
  do values.push(parseValue(reader));
  while (reader.skip(','));
  reader.expect(')');
  return values;
}

function parseField(reader: Reader): string {
  const token = reader.take();
  if (token.kind === 'name' && token.text !== '') return token.text;
  throw wrong(token, 'a metadata field');
}

function parseValue(reader: Reader): FilterValue {
  const token = reader.take();
  if (token.kind === 'text') return token.text;
  if (token.kind === 'number') return numberOf(token);
  if (token.kind === 'word' && (token.text === 'true' || token.text === 'false')) return token.text === 'true';
  throw wrong(token, 'a value: a text in single quotes, a number, true or false');
}

function numberOf(token: Token): number | bigint {
  const value = Number(token.text);
  if (!Number.isFinite(value)) throw wrong(token, 'a number that can be held');
  const whole = /^-?\d+$/.test(token.text);
  return whole && !Number.isSafeInteger(value) ? BigInt(token.text) : value;
}

function printOperand(filter: Filter): string {
  const text = printFilterExpression(filter);
  return (filter.op === 'and' || filter.op === 'or') && filter.filters.length > 1 ? `(${text})` : text;
}

function printField(field: string): string {
  const plain = /^[\p{L}_$][\p{L}\p{N}_$.-]*$/u.test(field) && !WORDS.has(field.toLowerCase());
  return plain ? field : `"${field.replaceAll('"', '""')}"`;
}

function printValue(value: FilterValue): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  // A double that looks like a whole number beyond 2^53 would be read back as one.
  const exact = typeof value === 'number' && /^-?\d+$/.test(text) && !Number.isSafeInteger(value);
  return exact ? `${text}.0` : text;
}

function wrong(token: Token, expected: string): FilterExpressionError {
  return failure(
    token.at,
    `${token.kind === 'end' ? 'the expression ends' : `'${token.source}' stands`} where ${expected} is expected`,
  );
}

function failure(at: number, what: string): FilterExpressionError {
  return new FilterExpressionError(`At character ${at + 1}: ${what}.`);
}
