import { parseDatetime } from './datetime.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { leavesAt, parsePath, valuesAt } from './payload-path.js';
import { formatError, notInFake } from './server-error.js';

/** Whether a payload passes; `textFields` are those with a full-text index. */
export type PayloadTest = (payload: JsonObject, textFields: ReadonlySet<string>) => boolean;
type ValueTest = (value: JsonValue) => boolean;

const NO_MATCH = 'data did not match any variant of untagged enum Match';
const WORDS = /[\p{L}\p{N}]+/gu;
const MAX_I64 = 2n ** 63n - 1n;

/** A condition on one payload field: `key` with `match`, `range`, `values_count`, `is_empty` or `is_null`. */
export function compileFieldCondition(condition: JsonObject): PayloadTest {
  const key = condition.get('key');
  if (typeof key !== 'string') throw formatError('invalid type: expected a json path');
  const path = parsePath(key);
  const leaf =
    (test: ValueTest): PayloadTest =>
    (payload) =>
      leavesAt(payload, path).some(test);
  const tests: PayloadTest[] = [];
  for (const [name, value] of condition) {
    if (name === 'key' || value === null) continue;
    if (name === 'match') tests.push(compileMatch(key, path, value));
    else if (name === 'range') tests.push(leaf(compileRange(value)));
    else if (name === 'values_count') tests.push(compileCount(path, value));
    else if (name === 'is_empty') tests.push((payload) => isEmpty(valuesAt(payload, path)) === value);
    else if (name === 'is_null') tests.push((payload) => leavesAt(payload, path).includes(null) === value);
    else if (name.startsWith('geo_')) throw notInFake('geo conditions');
    else throw formatError(`unknown field \`${name}\``);
  }
  if (tests.length === 0) throw formatError('At least one field condition must be specified');
  return (payload, textFields) => tests.some((test) => test(payload, textFields));
}

function isEmpty(values: readonly JsonValue[]): boolean {
  return values.every((value) => value === null || (isJsonArray(value) && value.length === 0));
}

function compileMatch(key: string, path: ReturnType<typeof parsePath>, match: JsonValue): PayloadTest {
  if (!isJsonObject(match)) throw formatError(NO_MATCH);
  const [name] = match.keys();
  const value = name === undefined ? undefined : match.get(name);
  if (name === 'text' || name === 'text_any' || name === 'phrase') {
    if (typeof value !== 'string') throw formatError(NO_MATCH);
    return (payload, textFields) =>
      leavesAt(payload, path).some((leaf) => matchesText(leaf, value, name, textFields.has(key)));
  }
  const test = compileValueMatch(name, value);
  return (payload) => leavesAt(payload, path).some(test);
}

function compileValueMatch(name: string | undefined, value: JsonValue | undefined): ValueTest {
  if (name === 'value') {
    if (!isMatchable(value)) throw formatError(NO_MATCH);
    return (leaf) => leaf === value;
  }
  if ((name !== 'any' && name !== 'except') || !isJsonArray(value) || !isMatchableList(value)) {
    throw formatError(NO_MATCH);
  }
  const listed = new Set(value);
  if (name === 'any') return (leaf) => listed.has(leaf);
  return (leaf) => leaf !== null && !listed.has(leaf);
}

function isMatchable(value: JsonValue | undefined): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || isI64(value);
}

/** Texts only or integers only. */
function isMatchableList(values: readonly JsonValue[]): boolean {
  return values.every((value) => typeof value === 'string') || values.every(isI64);
}

function isI64(value: JsonValue | undefined): boolean {
  return typeof value === 'bigint' && value <= MAX_I64;
}

/** With a full-text index word by word in lower case, without one as a part of the text. */
function matchesText(leaf: JsonValue, text: string, how: string, indexed: boolean): boolean {
  if (typeof leaf !== 'string') return false;
  if (!indexed) return how === 'text_any' ? words(text).some((word) => leaf.includes(word)) : leaf.includes(text);
  const wanted = words(text.toLowerCase());
  const there = words(leaf.toLowerCase());
  if (how === 'phrase') return ` ${there.join(' ')} `.includes(` ${wanted.join(' ')} `);
  return how === 'text_any'
    ? wanted.some((word) => there.includes(word))
    : wanted.every((word) => there.includes(word));
}

function words(text: string): readonly string[] {
  return text.match(WORDS) ?? [];
}

const COMPARISONS = {
  lt: <T>(a: T, b: T) => a < b,
  lte: <T>(a: T, b: T) => a <= b,
  gt: <T>(a: T, b: T) => a > b,
  gte: <T>(a: T, b: T) => a >= b,
} as const;

/** Bounds that are numbers compare as doubles, so integers beyond 2^53 are blurred; texts are points in time. */
function compileRange(range: JsonValue): ValueTest {
  const bounds = readBounds(range);
  const times = bounds.map(
    ([how, bound]) => [how, typeof bound === 'string' ? parseDatetime(bound) : undefined] as const,
  );
  if (bounds.length > 0 && times.every(([, time]) => time !== undefined)) {
    return (leaf) => {
      const at = typeof leaf === 'string' ? parseDatetime(leaf) : undefined;
      return at !== undefined && times.every(([how, time]) => COMPARISONS[how](at, time ?? at));
    };
  }
  const numbers = bounds.map(([how, bound]) => [how, readDouble(bound)] as const);
  return (leaf) =>
    (typeof leaf === 'number' || typeof leaf === 'bigint') &&
    numbers.every(([how, bound]) => COMPARISONS[how](Number(leaf), bound));
}

function compileCount(path: ReturnType<typeof parsePath>, range: JsonValue): PayloadTest {
  const bounds = readBounds(range).map(([how, bound]) => [how, readDouble(bound)] as const);
  const holds = (count: number) => bounds.every(([how, bound]) => COMPARISONS[how](count, bound));
  return (payload) => {
    const values = valuesAt(payload, path);
    if (values.length === 0) return holds(0);
    return values.some((value) => holds(isJsonArray(value) ? value.length : value === null ? 0 : 1));
  };
}

function readBounds(range: JsonValue): readonly (readonly [keyof typeof COMPARISONS, JsonValue])[] {
  if (!isJsonObject(range)) throw formatError('data did not match any variant of untagged enum RangeInterface');
  return Array.from(range).flatMap(([how, bound]) => {
    if (!isComparison(how)) throw formatError(`unknown field \`${how}\``);
    return bound === null ? [] : [[how, bound] as const];
  });
}

function readDouble(value: JsonValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw formatError('data did not match any variant of untagged enum RangeInterface');
}

function isComparison(how: string): how is keyof typeof COMPARISONS {
  return Object.hasOwn(COMPARISONS, how);
}
