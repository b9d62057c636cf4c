import { corrupt, type FloatSink, type JsonReader } from '@vecport/wire';
import { NAN_BITS, NAN_TEXT } from './format.js';

const NAN_WITH_BITS = /^NaN:([0-9a-f]{8})$/;

/** Whether all floats are numbers of JSON: no infinity, no NaN. */
export function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value - value !== 0) return false;
  }
  return true;
}

/**
 * The text that stands, in quotes, for a float that JSON has no number for: `Infinity`, `-Infinity`, `NaN`, and for a NaN of
 * other bits `NaN:ffc00001`.
 */
export function specialText(bits: number): string {
  if (bits === 0x7f800000) return 'Infinity';
  if (bits === 0xff800000) return '-Infinity';
  return bits === NAN_BITS ? NAN_TEXT : `NaN:${bits.toString(16).padStart(8, '0')}`;
}

/** The bits behind a {@link specialText}. @throws VecportError `corrupt-data` for another text. */
function specialBits(text: string): number {
  if (text === NAN_TEXT) return NAN_BITS;
  if (text === 'Infinity') return 0x7f800000;
  if (text === '-Infinity') return 0xff800000;
  const bits = Number.parseInt(NAN_WITH_BITS.exec(text)?.[1] ?? '0', 16);
  const isNaNOfOtherBits = (bits & 0x7fffffff) > 0x7f800000 && bits !== NAN_BITS;
  if (!isNaNOfOtherBits) throw corrupt(`has ${JSON.stringify(text.slice(0, 40))} where a number is expected`);
  return bits;
}

/** An array of numbers and {@link specialText}s appended to a sink; the slow counterpart of `JsonReader.floats`. @returns how many. */
export function readSpecialFloats(reader: JsonReader, into: FloatSink): number {
  const before = into.length;
  const one: FloatSink = { values: new Float32Array(1), length: 0 };
  reader.enterArray();
  while (reader.nextElement()) {
    const bits = reader.peek() === 'string' ? specialBits(reader.text()) : undefined;
    one.length = 0;
    if (bits === undefined) one.values[0] = reader.number();
    else new Uint32Array(one.values.buffer)[0] = bits;
    append(into, one.values);
  }
  return into.length - before;
}

/** Copies bits: an assignment of a number may change those of a NaN. */
function append(into: FloatSink, value: Float32Array): void {
  if (into.length === into.values.length) {
    const larger = new Float32Array(Math.max(16, into.length * 2));
    larger.set(into.values);
    into.values = larger;
  }
  into.values.set(value, into.length++);
}
