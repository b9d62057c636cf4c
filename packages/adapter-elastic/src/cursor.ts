import type { Slice } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';

/**
 * What a read sees: how many documents, and the least and largest sequence numbers they were written under. Every
 * write gets a larger one than all before it in its shard, so that a state that looks the same is the same.
 */
export interface ReadState {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
}

/** Where an export is. */
export interface Position {
  /** The point in time; absent where the server has none. */
  readonly pit: string | undefined;
  /** Sequence number and place of the last point in it. */
  readonly after: readonly [number, number];
  /** The points with that sequence number: there is one, but for one a shard. */
  readonly ties: readonly string[];
  /** Points given since the start of the read. */
  readonly given: number;
  /** What was there at the start. */
  readonly state: ReadState;
}

/** A range of sequence numbers, which a point keeps for as long as it is not written again. */
export interface SequenceRange {
  readonly from: number;
  /** Exclusive; absent for all that follow. */
  readonly to: number | undefined;
}

/** A slice, as its token says. */
export interface SlicePosition extends SequenceRange {
  readonly pit: string | undefined;
  readonly state: ReadState;
}

/** A position as text. */
export function cursorText({ pit, after, ties, given, state }: Position): string {
  return JSON.stringify({ v: 1, pit, after, ties, given, state: stateText(state) });
}

/** @throws VecportError `invalid-argument` for text that was not made here. */
export function parseCursor(text: string): Position {
  const value = parsed(text);
  const { pit, after, ties, given } = value;
  const state = parseState(value['state']);
  if (
    !isText(pit) ||
    !(Array.isArray(after) && after.length === 2 && after.every(Number.isSafeInteger)) ||
    !(Array.isArray(ties) && ties.every((id) => typeof id === 'string')) ||
    !Number.isSafeInteger(given) ||
    state === undefined
  )
    throw unknownText('cursor');
  return { pit, after: after as unknown as [number, number], ties, given: given as number, state };
}

/** A slice as text. */
export function sliceToken({ pit, from, to, state }: SlicePosition): string {
  return JSON.stringify({ v: 1, pit, from, to, state: stateText(state) });
}

/** @throws VecportError `invalid-argument` for a slice that was not made here. */
export function parseSlice({ token }: Slice): SlicePosition {
  const value = parsed(token);
  const { pit, from, to } = value;
  const state = parseState(value['state']);
  if (
    !isText(pit) ||
    !Number.isSafeInteger(from) ||
    !(to === undefined || Number.isSafeInteger(to)) ||
    state === undefined
  )
    throw unknownText('slice');
  return { pit, from: from as number, to: to as number | undefined, state };
}

/** Whether nothing was written between two looks. */
export function sameState(left: ReadState, right: ReadState): boolean {
  return left.count === right.count && left.min === right.min && left.max === right.max && left.sum === right.sum;
}

function stateText({ count, min, max, sum }: ReadState): readonly number[] {
  return [count, min, max, sum];
}

function parseState(value: unknown): ReadState | undefined {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((part) => typeof part === 'number')) return undefined;
  const [count, min, max, sum] = value as [number, number, number, number];
  return { count, min, max, sum };
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && 'v' in value && value.v === 1) return { ...value };
  } catch {
    // Said below.
  }
  throw unknownText('cursor or slice');
}

function unknownText(what: string): Error {
  return invalidArgument(`The ${what} was not made by this adapter.`, 'Give it back exactly as it was received.');
}
