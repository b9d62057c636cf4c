import { StorageError } from '../storage-error.js';
import type { ObjectContext } from './object-context.js';
import type { ObjectUpload } from './object-driver.js';
import { createSlots } from './slots.js';

/** The parts of one object. */
export interface PartUploads {
  /** Parts sent so far. */
  readonly count: number;
  /** Send a part, which must stay as it is: resolves when it is under way. Throws what an earlier one met. */
  send(part: Uint8Array): Promise<void>;
  /** Wait for all parts, send the last one, and make the object visible. */
  complete(last: Uint8Array): Promise<void>;
  /** Break off what is under way. */
  cancel(): void;
  /** Remove what was sent, if the object is not complete. */
  abort(): Promise<void>;
}

/** Which object, and what to show of it. */
interface UploadRequest {
  readonly key: string;
  readonly place: string;
  readonly mark: string;
  readonly signal: AbortSignal | undefined;
}

/** Nothing is sent before the first part. */
export function partUploads(context: ObjectContext, { key, place, mark, signal }: UploadRequest): PartUploads {
  const { driver, call, slots } = context;
  const { parallel, mostParts } = driver.parts;
  const own = createSlots(parallel);
  const broken = new AbortController();
  const either = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
  const underWay = new Set<Promise<void>>();
  let upload: ObjectUpload | undefined;
  let count = 0;
  let failure: { readonly error: unknown } | undefined;
  const where = { action: 'write to', place, signal: either };

  function fail(error: unknown): void {
    failure ??= { error };
    broken.abort(failure.error);
  }

  async function launch(started: ObjectUpload, index: number, part: Uint8Array): Promise<void> {
    const places = [await own.take(), await slots.take()];
    if (failure !== undefined) {
      for (const giveBack of places) giveBack();
      throw failure.error;
    }
    const sent = call(where, async (given) => started.put(index, part, given))
      .catch(fail)
      .finally(() => {
        underWay.delete(sent);
        for (const giveBack of places) giveBack();
      });
    underWay.add(sent);
  }

  return {
    get count() {
      return count;
    },
    async send(part) {
      if (failure !== undefined) throw failure.error;
      // One place is kept for the last part.
      if (count >= mostParts - 1) throw tooLarge(place, mostParts);
      upload ??= await call(where, async (given) => driver.startUpload(key, mark, given));
      await launch(upload, count, part);
      count += 1;
    },
    async complete(last) {
      const started = upload;
      await Promise.all(underWay);
      if (failure !== undefined) throw failure.error;
      if (started === undefined) return;
      await call({ ...where, action: 'finish writing' }, async (given, attempt) => {
        try {
          await started.complete(count, last, given);
        } catch (error) {
          // The answer to an earlier attempt may have been lost: then the object is there with our mark.
          if (attempt === 1 || (await driver.head(key, given))?.mark !== mark) throw error;
        }
      });
    },
    cancel() {
      fail(new StorageError('io', `Writing to ${place} was broken off.`, place));
    },
    async abort() {
      await Promise.all(underWay);
      const started = upload;
      if (started === undefined) return;
      const removal = { action: 'remove the unfinished', place, signal: undefined };
      await call(removal, async (given) => started.abort(given));
    },
  };
}

function tooLarge(place: string, mostParts: number): StorageError {
  const text = `Cannot write to ${place}: it would have more than ${mostParts} parts. Give a larger part-size.`;
  return new StorageError('full', text, place);
}
