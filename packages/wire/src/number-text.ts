const INTEGER = /^-?(?:0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_I64 = 9223372036854775807n;
const MIN_I64 = -9223372036854775808n;

/** Whether a JSON number is written without fraction and exponent and fits a signed 64-bit integer. */
export function isInteger64(text: string): boolean {
  if (!INTEGER.test(text) || text.length > 20 || text === '-0') return false;
  const value = BigInt(text);
  return value >= MIN_I64 && value <= MAX_I64;
}

/**
 * Whether a JSON number is one that a double gives back: the shortest decimal of the nearest double has
 * the same value. `0.1`, `1.0` and `1e2` are, a number of forty digits is not.
 */
export function isExactDouble(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  return canonical(text) === canonical(String(value));
}

/** Sign, digits and exponent without superfluous zeros, or `undefined` for what is no number. */
function canonical(text: string): string | undefined {
  const parts = NUMBER.exec(text);
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${text.startsWith('-') ? '-' : ''}${significant}e${power}`;
}
