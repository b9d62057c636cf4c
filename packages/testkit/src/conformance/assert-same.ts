import assert from 'node:assert/strict';
import { type JsonValue, stringifyJson } from '@vecport/abstractions';
import { sortKeys } from './fingerprint.js';

/**
 * Assert that two values are the same data: keys in any order, a field that is `undefined` like one
 * that is not there. Prototypes do not count, as test frameworks and native clients bring their own.
 */
export function assertSame(actual: unknown, expected: unknown, what?: string): void {
  assert.equal(printed(actual), printed(expected), what);
}

/** Assert that two lists hold the same texts, each as often, in any order. */
export function sameMultiset(actual: readonly string[], expected: readonly string[], what: string): void {
  assertSame(actual.toSorted(), expected.toSorted(), what);
}

// A list is printed in lines, so that the difference of two is readable.
function printed(value: unknown): string {
  if (value === undefined) return 'undefined';
  const text = (item: unknown): string => stringifyJson(sortKeys((item ?? null) as JsonValue));
  return Array.isArray(value) ? `[\n${value.map(text).join('\n')}\n]` : text(value);
}
