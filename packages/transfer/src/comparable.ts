import type { ManifestCollection } from '@vecport/dataset';

/**
 * Why a stored collection cannot be held against the living one it comes from, the end of a sentence; `undefined` when
 * it can. What a filter and fields leave can be read again.
 */
export function whyNotComparable({ selection = {} }: ManifestCollection): string | undefined {
  if (selection.transform !== undefined) return 'its records went through a transform';
  if (selection.ids !== undefined) return 'it holds the points of a list of ids';
  if (selection.limit !== undefined) return `it holds at most ${selection.limit} points`;
  return undefined;
}
