import type { JsonValue } from '@vecport/abstractions';

/** What a text, a number or a boolean begins with. A list's elements begin with {@link ELEMENT}, which is below all. */
const TEXT = 's';
const NUMBER = 'n';
const BOOLEAN = 'b';
const ELEMENT = '!';
const OBJECT = '#';
/** Below every character, so that a text sorts before those it begins; Weaviate would cut off a space at the end. */
const END = '\u0000';

const EXPONENT_OFFSET = 5_000_000;
const EXPONENT_DIGITS = 7;

/**
 * A scalar as a text whose order by UTF-8 bytes is the order of the values, and which is equal for equal values only;
 * texts, numbers and booleans stand apart. Numbers compare by their exact value, `1` like `1.0`.
 */
export function comparable(value: string | number | bigint | boolean): string {
  if (typeof value === 'string') return `${TEXT}${value}${END}`;
  if (typeof value === 'boolean') return `${BOOLEAN}${value ? 1 : 0}`;
  return `${NUMBER}${comparableNumber(value)}`;
}

/** The same for an element of a list. */
export function comparableElement(value: string | number | bigint | boolean): string {
  return `${ELEMENT}${comparable(value)}`;
}

/** Between these two, the second excluded, are all values that can be ordered with this one. */
export function comparableRange(value: string | number | bigint): readonly [from: string, below: string] {
  const tag = typeof value === 'string' ? TEXT : NUMBER;
  return [tag, String.fromCharCode(tag.charCodeAt(0) + 1)];
}

/** The texts that stand for a JSON value in a filter's index: none for `null`, which is as if it were not there. */
export function comparableTexts(value: JsonValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    const elements = (value as readonly JsonValue[]).filter((item) => isScalar(item));
    return [ELEMENT, ...new Set(elements.map((item) => comparableElement(item)))];
  }
  return [isScalar(value) ? comparable(value) : OBJECT];
}

function isScalar(value: JsonValue): value is string | number | bigint | boolean {
  return typeof value !== 'object';
}

function comparableNumber(value: number | bigint): string {
  const exact = typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
  const [negative, digits, exponent] = decimal(String(exact));
  if (digits === '') return '1';
  const power = String(exponent + EXPONENT_OFFSET).padStart(EXPONENT_DIGITS, '0');
  return negative ? `0${complement(power)}${complement(digits)}~` : `2${power}${digits}`;
}

/** Sign, digits without zeros at their ends, and the exponent of ten of `0.digits`. */
function decimal(text: string): readonly [negative: boolean, digits: string, exponent: number] {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d*)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const significant = all.replace(/^0+/, '');
  const exponent = whole.length + Number(power) - (all.length - significant.length);
  return [sign === '-', significant.replace(/0+$/, ''), exponent];
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}
