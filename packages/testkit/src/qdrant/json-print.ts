import { floatText } from '@vecport/wire';
import type { JsonObject, JsonValue } from './json-value.js';

/** A float32 that is printed in the shortest form that rounds back to it. */
interface Single {
  readonly single: number;
}

/** What the server prints: JSON, vectors and scores. */
export type Printable =
  | Exclude<JsonValue, readonly JsonValue[] | JsonObject>
  | Single
  | Float32Array
  | Uint32Array
  | readonly Printable[]
  | ReadonlyMap<string, Printable>;

/** Print as the server does: no spaces, `1.0` for a whole double, `1e+20`, float32 in shortest form. */
export function printJson(value: Printable): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Float32Array) return `[${Array.from(value, singleText).join(',')}]`;
  if (value instanceof Uint32Array) return `[${value.join(',')}]`;
  if (isList(value)) return `[${value.map(printJson).join(',')}]`;
  if ('single' in value) return singleText(value.single);
  return `{${Array.from(value, ([key, member]) => `${JSON.stringify(key)}:${printJson(member)}`).join(',')}}`;
}

/** A double as the server prints it; what is not finite is `null`. */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? decimal(value.toExponential(), -5, 16) : 'null';
}

function singleText(value: number): string {
  const size = Math.abs(value);
  // Here positional in JavaScript as well; floatText knows the zero that is negative.
  if (size === 0 || (size >= 1e-5 && size < 1e12)) return floatText(value, true);
  return Number.isFinite(value) ? decimal(Number(floatText(value)).toExponential(), -6, 13) : 'null';
}

/** Positional where `least ≤ exponent < beyond`, else with an exponent that always has its sign. */
function decimal(exponential: string, least: number, beyond: number): string {
  const sign = exponential.startsWith('-') ? '-' : '';
  const [mantissa = '', power = '0'] = exponential.slice(sign.length).split('e');
  const exponent = Number(power);
  const digits = mantissa.replace('.', '');
  if (exponent < least || exponent >= beyond) return `${sign}${mantissa}e${exponent < 0 ? '' : '+'}${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function isList(value: Printable): value is readonly Printable[] {
  return Array.isArray(value);
}
