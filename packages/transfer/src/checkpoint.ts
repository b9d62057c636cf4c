import { parseJson, stringifyJson, VecportError, type VectorId } from '@vecport/abstractions';
import { readText, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { z } from 'zod';

/**
 * Where reading a slice goes on: after the cursor `after` (from its start if there is none) and
 * `skip` more rows, the last of which has the id `lastId`.
 */
export interface SlicePosition {
  readonly after?: string | undefined;
  readonly skip: number;
  readonly lastId: string;
}

/** What was counted of a slice. */
export interface SliceTally {
  /** Rows in its parts. */
  readonly rows: number;
  /** Points the provider gave up to `SlicePosition.after`, or all of them when the slice is done. */
  readonly read: number;
  /** Ids that were asked for up to there and were not there, and the first of them. */
  readonly missing: number;
  readonly missingIds: readonly VectorId[];
}

/** What is done of a slice. `position` and `tally` belong to the last of `parts`. */
export interface SliceState<Receipt> {
  readonly parts: readonly Receipt[];
  readonly position?: SlicePosition | undefined;
  readonly tally?: SliceTally | undefined;
  readonly done: boolean;
}

/** Keeps the state of slices. A state is saved only after its parts are durable. */
export interface Checkpoint<Receipt> {
  load(slice: number): Promise<SliceState<Receipt> | undefined>;
  /** Replaces the slice's earlier state, atomically and durably. */
  save(slice: number, state: SliceState<Receipt>): Promise<void>;
}

/** A checkpoint of this run alone: for work that is not resumed. */
export function noCheckpoint<Receipt>(): Checkpoint<Receipt> {
  const states = new Map<number, SliceState<Receipt>>();
  return {
    load: async (slice) => states.get(slice),
    save: async (slice, state) => {
      states.set(slice, state);
    },
  };
}

/** The same checkpoint, of which each state is loaded once: nobody else has anything to say about it any more. */
export function rememberedCheckpoint<Receipt>(checkpoint: Checkpoint<Receipt>): Checkpoint<Receipt> {
  const states = new Map<number, Promise<SliceState<Receipt> | undefined>>();
  return {
    load: async (slice) => {
      const known = states.get(slice) ?? checkpoint.load(slice);
      states.set(slice, known);
      return known;
    },
    save: async (slice, state) => {
      states.set(slice, Promise.resolve(state));
      await checkpoint.save(slice, state);
    },
  };
}

/**
 * A checkpoint in files, one a slice, under `folder` of a storage. `isReceipt` says whether a value
 * read back is a receipt.
 * @throws VecportError `corrupt-data` when a file is damaged.
 */
export function fileCheckpoint<Receipt>(
  storage: Storage,
  folder: string,
  isReceipt: (value: unknown) => value is Receipt,
): Checkpoint<Receipt> {
  const pathOf = (slice: number): string => `${folder}/slice-${String(slice).padStart(3, '0')}.json`;
  return {
    load: async (slice) => {
      const path = pathOf(slice);
      const text = await readText(storage, path);
      return text === undefined ? undefined : parseState(text, path, isReceipt);
    },
    save: async (slice, state) => {
      await writeText(storage, pathOf(slice), stringifyJson(state));
    },
  };
}

const stateSchema = z.object({
  parts: z.array(z.unknown()),
  position: z.object({ after: z.string().optional(), skip: z.int().nonnegative(), lastId: z.string() }).optional(),
  tally: z
    .object({
      rows: z.int().nonnegative(),
      read: z.int().nonnegative(),
      missing: z.int().nonnegative(),
      missingIds: z.array(z.string()),
    })
    .optional(),
  done: z.boolean(),
});

function parseState<Receipt>(
  text: string,
  path: string,
  isReceipt: (value: unknown) => value is Receipt,
): SliceState<Receipt> {
  const { success, data } = stateSchema.safeParse(jsonOrNothing(text));
  if (success) {
    const { parts, position, tally, done } = data;
    if (parts.every(isReceipt)) return { parts, position, tally, done };
  }
  throw new VecportError('corrupt-data', `The checkpoint ${path} is damaged, or not one of ours.`, {
    advice: 'Remove the unfinished export and start again.',
  });
}

function jsonOrNothing(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
