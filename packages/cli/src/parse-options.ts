import { type Filter, isVecportError, parseFilter, parseJson } from '@vecport/abstractions';
import { InvalidArgumentError } from 'commander';
import { FilterExpressionError, parseFilterExpression } from './filter-expression.js';

/** A positive whole number. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

/** Zero or a positive whole number. */
export function parseCountOrNone(text: string): number {
  return text === '0' ? 0 : parseCount(text);
}

/** A portable filter from JSON, or from an expression (see `parseFilterExpression`). */
export function parseFilterOption(text: string): Filter {
  try {
    return /^\s*[{[]/.test(text) ? parseFilter(parseJson(text)) : parseFilterExpression(text);
  } catch (error) {
    if (isVecportError(error)) throw new InvalidArgumentError(error.reason);
    if (error instanceof FilterExpressionError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Bytes: a number with a unit, `512MB` or `1.5GiB`; without one, bytes. */
export function parseBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (BYTE_UNITS[unit.toLowerCase()] ?? Number.NaN));
  if (digits !== '' && Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new InvalidArgumentError('It must be a number of bytes, such as 512MB or 1GiB.');
}

const TIME_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };
const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds from a duration: `90s`, `30m`, `2h`, `1h30m`, at most 24 days. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  const whole = parts.map(([part]) => part).join('') === text;
  const milliseconds = Math.round(
    parts.reduce((sum, [, value, unit = '']) => sum + Number(value) * (TIME_UNITS[unit] ?? 0), 0),
  );
  if (whole && milliseconds >= 1 && milliseconds <= LONGEST_MS) return milliseconds;
  throw new InvalidArgumentError('It must be a duration such as 90s, 30m or 1h30m, at most 24d.');
}

/** Points a second: `1000/s`, or the number alone. */
export function parseRate(text: string): number {
  const [, digits = ''] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text) ?? [];
  const rate = Number(digits);
  if (digits !== '' && rate > 0 && Number.isFinite(rate)) return rate;
  throw new InvalidArgumentError('It must be a number of points a second, such as 1000/s.');
}

/** Names between commas. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It must be names with commas between them.');
  return [...new Set(names)];
}

/** Names from an option that may be given several times. */
export function collectName(text: string, earlier: readonly string[] = []): readonly string[] {
  return earlier.includes(text) ? earlier : [...earlier, text];
}

/** Texts that are not empty, in their order, from an option that may be given several times. */
export function collectText(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, parseText(text)];
}

/** A text that is not empty. */
export function parseText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
