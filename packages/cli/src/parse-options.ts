import { type Filter, isVecportError, parseFilter, parseJson } from '@vecport/abstractions';
import { InvalidArgumentError } from 'commander';

/** A positive whole number. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

/** A portable filter from JSON. */
export function parseFilterOption(text: string): Filter {
  try {
    return parseFilter(parseJson(text));
  } catch (error) {
    if (isVecportError(error)) throw new InvalidArgumentError(error.reason);
    throw error;
  }
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

/** A text that is not empty. */
export function parseText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
