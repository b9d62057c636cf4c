import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringifyJson, VecportError } from '@vecport/abstractions';
import { readText, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { SliceState } from './checkpoint.js';
import type { ProgressListener } from './progress.js';

/** Which slice of a plan. */
export interface SlicePlace {
  readonly collection: number;
  /** The collection itself, or one of its tenants. */
  readonly unit: number;
  readonly slice: number;
}

/** A slice that somebody is to work on. */
export interface DispatchedSlice extends SlicePlace {
  /** The collection's name at the source. */
  readonly name: string;
  /** Points that are expected of it, where known. */
  readonly points?: number | undefined;
}

/** Work that others are to do, slice by slice. */
export interface DispatchedWork {
  /**
   * Names this dispatch, and no other one: whoever works on a slice must prove with it that the work is still wanted.
   * It ends when the dispatch does.
   */
  readonly run: string;
  /** All slices in their order, those that are done already included. */
  readonly slices: readonly DispatchedSlice[];
  readonly resumed: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** What is durable of a slice. */
  stateOf(place: SlicePlace): Promise<Pick<SliceState<unknown>, 'done' | 'tally'>>;
}

/**
 * Has others (`exportSlice`, `importSlice`, `migrateSlice`) work on all slices that are not done, and resolves when none
 * is left. What it throws ends the work, which can be resumed.
 */
export type Dispatch = (work: DispatchedWork) => Promise<void>;

/** Milliseconds that it may take to close work whose dispatch failed. */
const CLOSE_MS = 5000;

/** Says for which run work is open to others. Without it, or with another run, their parts are not wanted. */
const OPEN_PATH = 'state/workers.json';

/** Let others work on what lies in `storage` while `work` runs. No other run may be at it. */
export async function openToOthers(storage: Storage, work: (run: string) => Promise<void>): Promise<void> {
  const run = randomBytes(8).toString('hex');
  await writeText(storage, OPEN_PATH, stringifyJson({ run }));
  try {
    await work(run);
  } catch (error) {
    // What failed first is the error to report; a storage that is gone is not waited for.
    const closing = closeToOthers(storage).catch(() => undefined);
    await Promise.race([closing, sleep(CLOSE_MS, undefined, { ref: false })]);
    throw error;
  }
  await closeToOthers(storage);
}

/** What others wrote from now on is not looked at. */
export async function closeToOthers(storage: Storage): Promise<void> {
  await storage.delete(OPEN_PATH);
}

/** Whether work is open to others for this run. */
export async function isOpenFor(storage: Storage, run: string): Promise<boolean> {
  const text = await readText(storage, OPEN_PATH);
  return text !== undefined && text === stringifyJson({ run });
}

/** @throws VecportError `incomplete` when a slice was not worked on to its end. */
export function refuseUnread(states: readonly (SliceState<unknown> | undefined)[], what: string): void {
  const open = states.findIndex((state) => state?.done !== true);
  if (open < 0) return;
  throw new VecportError('incomplete', `Slice ${open} of ${what} was dispatched, and is not done.`, {
    advice: 'Go on with --resume.',
  });
}
