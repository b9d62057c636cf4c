import { isUtf8 } from 'node:buffer';
import { VecportError } from '@vecport/abstractions';
import { putCodePoint, putEscaped, readEscape, unescapeKey } from './json-escapes.js';
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  compareRanges,
  isCanonicalJson,
  MAX_JSON_DEPTH,
  NO,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  scanLiteral,
  scanNumber,
  skipPlain,
} from './scan-json.js';

/** Turns JSON texts into canonical form, one after the other; see {@link canonicalJson}. */
export type Canonicalizer = (bytes: Uint8Array) => Uint8Array;

/**
 * The canonical form of a JSON text in UTF-8, made for comparing: two texts have the same one when
 * they say the same but for white space, the order of keys and the way characters are escaped.
 *
 * No insignificant white space; the keys of an object ascend by the UTF-8 bytes of their unescaped
 * text; a string escapes only `"`, `\`, control characters (`\b \t \n \f \r`, otherwise `\u00xx` in
 * lower case) and lone surrogates (`\udxxx`); numbers keep their spelling, so `1`, `1.0` and `1e0`
 * stay three different values. Gives the same object back when it is canonical already.
 * @throws VecportError `corrupt-data` when the text is not JSON or not UTF-8, has a key twice in one
 * object, or nests deeper than 512 levels.
 */
export function canonicalJson(bytes: Uint8Array): Uint8Array {
  return isCanonicalJson(bytes) ? bytes : createCanonicalizer()(bytes);
}

/**
 * The same as {@link canonicalJson} for many texts: what a call gives is valid until the next call,
 * as the memory is used again.
 */
export function createCanonicalizer(): Canonicalizer {
  const text: Rewrite = {
    input: new Uint8Array(0),
    at: 0,
    output: new Uint8Array(0),
    length: 0,
    spare: new Uint8Array(0),
  };
  return (bytes) => {
    if (isCanonicalJson(bytes)) return bytes;
    if (!isUtf8(bytes)) throw new VecportError('corrupt-data', 'The JSON text is not valid UTF-8.');
    if (text.output.length < bytes.length) {
      // A canonical text is never longer than the text it is made from.
      text.output = new Uint8Array(bytes.length * 2);
      text.spare = new Uint8Array(bytes.length * 2);
    }
    text.input = bytes;
    text.at = 0;
    text.length = 0;
    rewriteSpaced(text, 0);
    if (text.at !== bytes.length) throw unexpected(text);
    return text.output.subarray(0, text.length);
  };
}

interface Rewrite {
  input: Uint8Array;
  at: number;
  output: Uint8Array;
  length: number;
  spare: Uint8Array;
}

/** A member in the output: its key in quotes, a colon and the value, without the comma. */
interface Member {
  readonly start: number;
  readonly keyEnd: number;
  readonly end: number;
  /** The unescaped key, where the written one has escapes. */
  readonly key: Uint8Array | undefined;
}

function rewriteSpaced(text: Rewrite, depth: number): void {
  skipSpace(text);
  rewriteValue(text, depth);
  skipSpace(text);
}

function rewriteValue(text: Rewrite, depth: number): void {
  switch (text.input[text.at]) {
    case QUOTE:
      rewriteString(text);
      return;
    case OPEN_OBJECT:
      rewriteObject(text, depth + 1);
      return;
    case OPEN_ARRAY:
      rewriteArray(text, depth + 1);
      return;
    default:
      copyScalar(text);
  }
}

function rewriteObject(text: Rewrite, depth: number): void {
  open(text, depth);
  const members: Member[] = [];
  if (text.input[text.at] !== CLOSE_OBJECT) {
    do members.push(rewriteMember(text, depth));
    while (took(text, COMMA));
  }
  expect(text, CLOSE_OBJECT);
  if (!isAscending(text.output, members)) sortMembers(text, members);
}

function rewriteMember(text: Rewrite, depth: number): Member {
  skipSpace(text);
  const start = text.length;
  if (text.input[text.at] !== QUOTE) throw unexpected(text);
  const escaped = rewriteString(text);
  const keyEnd = text.length;
  skipSpace(text);
  expect(text, COLON);
  rewriteSpaced(text, depth);
  return {
    start,
    keyEnd,
    end: text.length,
    key: escaped ? unescapeKey(text.output.subarray(start + 1, keyEnd - 1)) : undefined,
  };
}

function rewriteArray(text: Rewrite, depth: number): void {
  open(text, depth);
  if (text.input[text.at] !== CLOSE_ARRAY) {
    do rewriteSpaced(text, depth);
    while (took(text, COMMA));
  }
  expect(text, CLOSE_ARRAY);
}

function open(text: Rewrite, depth: number): void {
  if (depth > MAX_JSON_DEPTH) {
    throw new VecportError('corrupt-data', `The JSON text nests deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  text.output[text.length++] = text.input[text.at++] as number;
  skipSpace(text);
}

/** Gives true when the string has escapes in its canonical form. */
function rewriteString(text: Rewrite): boolean {
  let escaped = false;
  text.output[text.length++] = QUOTE;
  text.at++;
  for (;;) {
    copyTo(text, skipPlain(text.input, text.at));
    if (text.input[text.at] !== BACKSLASH) break;
    const found = readEscape(text.input, text.at);
    if (found === undefined) throw unexpected(text);
    const before = text.length;
    text.at += found.length;
    text.length =
      putEscaped(text.output, before, found.codePoint) ?? putCodePoint(text.output, before, found.codePoint);
    escaped ||= text.output[before] === BACKSLASH;
  }
  expect(text, QUOTE);
  return escaped;
}

function copyScalar(text: Rewrite): void {
  const literal = scanLiteral(text.input, text.at);
  const end = literal === NO ? scanNumber(text.input, text.at) : literal;
  if (end === NO) throw unexpected(text);
  copyTo(text, end);
}

function copyTo(text: Rewrite, end: number): void {
  while (text.at < end) text.output[text.length++] = text.input[text.at++] as number;
}

function took(text: Rewrite, byte: number): boolean {
  if (text.input[text.at] !== byte) return false;
  text.output[text.length++] = byte;
  text.at++;
  return true;
}

function expect(text: Rewrite, byte: number): void {
  if (!took(text, byte)) throw unexpected(text);
}

function skipSpace(text: Rewrite): void {
  for (let byte = text.input[text.at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; ) {
    byte = text.input[++text.at];
  }
}

function isAscending(output: Uint8Array, members: readonly Member[]): boolean {
  for (let i = 1; i < members.length; i++) {
    if (compareKeys(output, members[i - 1] as Member, members[i] as Member) >= 0) return false;
  }
  return true;
}

/** Put the members, the last things written but for the closing brace, into order. */
function sortMembers(text: Rewrite, members: Member[]): void {
  const { output, spare } = text;
  const first = members[0]?.start ?? text.length;
  let to = first;
  members.sort((a, b) => compareKeys(output, a, b));
  members.forEach((member, i) => {
    const next = members[i + 1];
    if (next !== undefined && compareKeys(output, member, next) === 0) throw duplicateKey(output, member);
  });
  for (const { start, end } of members) {
    if (to > first) spare[to++] = COMMA;
    for (let from = start; from < end; from++) spare[to++] = output[from] as number;
  }
  output.set(spare.subarray(first, to), first);
}

function compareKeys(output: Uint8Array, a: Member, b: Member): number {
  if (a.key === undefined && b.key === undefined) {
    return compareRanges(output, a.start + 1, a.keyEnd - 1, b.start + 1, b.keyEnd - 1);
  }
  return Buffer.compare(keyOf(output, a), keyOf(output, b));
}

function keyOf(output: Uint8Array, member: Member): Uint8Array {
  return member.key ?? output.subarray(member.start + 1, member.keyEnd - 1);
}

function duplicateKey(output: Uint8Array, { start, keyEnd }: Member): VecportError {
  const key = Buffer.from(output.subarray(start, keyEnd)).toString();
  return new VecportError('corrupt-data', `The JSON text has the key ${key} twice in one object.`);
}

function unexpected({ input, at }: Rewrite): VecportError {
  const text = Buffer.from(input.subarray(0, 80)).toString();
  const what = at >= input.length ? 'it ends too early' : `unexpected byte ${at}`;
  return new VecportError('corrupt-data', `Not valid JSON (${what}): ${input.length > 80 ? `${text}…` : text}`);
}
