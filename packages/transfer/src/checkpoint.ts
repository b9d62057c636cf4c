import { type JsonValue, parseJson, stringifyJson, VecportError } from '@vecport/abstractions';
import { readText, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';

/**
 * Where reading a slice goes on: after the cursor `after` (from its start if there is none) and
 * `skip` more rows, the last of which has the id `lastId`.
 */
export interface SlicePosition {
  readonly after?: string | undefined;
  readonly skip: number;
  readonly lastId: string;
}

/** What is done of a slice. `position` belongs to the last of `parts`. */
export interface SliceState<Receipt> {
  readonly parts: readonly Receipt[];
  readonly position?: SlicePosition | undefined;
  readonly done: boolean;
}

/** Keeps the state of slices. A state is saved only after its parts are durable. */
export interface Checkpoint<Receipt> {
  load(slice: number): Promise<SliceState<Receipt> | undefined>;
  /** Replaces the slice's earlier state, atomically and durably. */
  save(slice: number, state: SliceState<Receipt>): Promise<void>;
}

/** A checkpoint that forgets: for work that is not resumed. */
export function noCheckpoint<Receipt>(): Checkpoint<Receipt> {
  return { load: async () => undefined, save: async () => {} };
}

/** A checkpoint in files, one a slice, under `folder` of a storage. */
export function fileCheckpoint<Receipt>(storage: Storage, folder: string): Checkpoint<Receipt> {
  const pathOf = (slice: number): string => `${folder}/slice-${String(slice).padStart(3, '0')}.json`;
  return {
    load: async (slice) => {
      const text = await readText(storage, pathOf(slice));
      return text === undefined ? undefined : (asState(parseJson(text), pathOf(slice)) as SliceState<Receipt>);
    },
    save: async (slice, state) => {
      await writeText(storage, pathOf(slice), stringifyJson(state));
    },
  };
}

function asState(value: JsonValue, path: string): unknown {
  if (
    typeof value === 'object' &&
    value !== null &&
    'done' in value &&
    Array.isArray((value as { parts?: unknown }).parts)
  )
    return value;
  throw new VecportError('corrupt-data', `The checkpoint ${path} is not one of ours.`, {
    advice: 'Remove the unfinished export and start again.',
  });
}
