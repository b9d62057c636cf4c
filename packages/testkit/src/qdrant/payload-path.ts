import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { formatError } from './server-error.js';

/** A step of a payload path: a key, an index, or `[]` for every element. */
export type PathStep = string | number | undefined;

const STEP = /(?:"([^"]*)"|([\p{L}\p{N}_-]+))|\[(\d*)\]/uy;

/** `a.b[].c`, `a[0]`, `"a key".b`. @throws Refusal for what is no path. */
export function parsePath(text: string): readonly PathStep[] {
  const steps: PathStep[] = [];
  let at = 0;
  while (at < text.length) {
    STEP.lastIndex = at;
    const found = STEP.exec(text);
    if (found === null) throw badPath(text);
    const [all, quoted, plain, index] = found;
    steps.push(index === undefined ? (quoted ?? plain) : index === '' ? undefined : Number(index));
    at += all.length;
    if (text[at] === '.') at++;
    else if (at < text.length && text[at] !== '[') throw badPath(text);
  }
  if (typeof steps[0] !== 'string' || text.endsWith('.')) throw badPath(text);
  return steps;
}

/** Every value a path leads to. Lists are gone through where the path says `[]`, else taken as they are. */
export function valuesAt(payload: JsonObject, path: readonly PathStep[]): readonly JsonValue[] {
  let found: readonly JsonValue[] = [payload];
  for (const step of path) found = found.flatMap((value) => take(value, step));
  return found;
}

/** The values a condition or an index looks at: those of the path, lists taken apart once. */
export function leavesAt(payload: JsonObject, path: readonly PathStep[]): readonly JsonValue[] {
  return valuesAt(payload, path).flatMap((value) => (isJsonArray(value) ? value : [value]));
}

/** A payload with nothing but what the paths lead to. */
export function pickPaths(payload: JsonObject, paths: readonly (readonly PathStep[])[]): JsonObject {
  const picked = new Map<string, JsonValue>();
  for (const [key, value] of payload) {
    const here = paths.filter((path) => path[0] === key);
    if (here.length === 0) continue;
    if (here.some((path) => path.length === 1) || !isJsonObject(value)) picked.set(key, value);
    else picked.set(key, pickPaths(value, tails(here)));
  }
  return picked;
}

/** A payload without what the paths lead to. */
export function omitPaths(payload: JsonObject, paths: readonly (readonly PathStep[])[]): JsonObject {
  const kept = new Map<string, JsonValue>();
  for (const [key, value] of payload) {
    const here = paths.filter((path) => path[0] === key);
    if (here.some((path) => path.length === 1)) continue;
    kept.set(key, here.length > 0 && isJsonObject(value) ? omitPaths(value, tails(here)) : value);
  }
  return kept;
}

function tails(paths: readonly (readonly PathStep[])[]): readonly (readonly PathStep[])[] {
  return paths.map((path) => path.slice(1));
}

function take(value: JsonValue, step: PathStep): readonly JsonValue[] {
  if (typeof step === 'string') {
    const member = isJsonObject(value) ? value.get(step) : undefined;
    return member === undefined ? [] : [member];
  }
  if (!isJsonArray(value)) return [];
  if (step === undefined) return value;
  const item = value[step];
  return item === undefined ? [] : [item];
}

function badPath(text: string): Error {
  return formatError(`Invalid json path: '${text}'`);
}
