import { createHash, type Hash } from 'node:crypto';
import { brokenBody } from '../object/network-fault.js';
import type { ObjectUpload } from '../object/object-driver.js';
import { StorageError } from '../storage-error.js';
import type { GcsAnswer, GcsClient } from './gcs-client.js';
import { type GcsObject, type GcsPaths, newObject } from './gcs-objects.js';
import type { GcsSettings } from './gcs-settings.js';

/** Statuses of an upload: 308 is "go on", 499 "was cancelled". */
const GO_ON = 308;
const CANCELLED = 499;
const GONE: readonly number[] = [404, 410];

/**
 * Begin a resumable upload: chunks in their order, each acknowledged; the object appears with the last one. A chunk is
 * sent again whole after an error: the store ignores bytes that it has (see "Resumable uploads" in its documentation).
 */
export async function startGcsUpload(
  send: GcsClient,
  settings: GcsSettings,
  paths: GcsPaths,
  key: string,
  mark: string,
  signal: AbortSignal,
): Promise<ObjectUpload> {
  const begun = await send({
    method: 'POST',
    url: paths.upload,
    query: { uploadType: 'resumable' },
    headers: { 'content-type': 'application/json; charset=UTF-8', 'x-upload-content-type': 'application/octet-stream' },
    body: new TextEncoder().encode(JSON.stringify(newObject(key, mark, settings))),
    signal,
  });
  const session = sessionUrl(begun.headers.location, settings);
  const hash = createHash('md5');
  /** Bytes before the chunk that is being sent. */
  let base = 0;

  /** Send a chunk until the store has all of it. Gives the object with the last one. */
  async function put(chunk: Uint8Array, total: number | undefined, given: AbortSignal): Promise<GcsObject | undefined> {
    for (let at = 0; at < chunk.byteLength; ) {
      const state = await sendBytes(send, session, { from: base + at, bytes: chunk.subarray(at), total }, given);
      if (typeof state === 'object') return state;
      const next = checkProgress(state - base, chunk.byteLength, session);
      if (next <= at) throw brokenBody('The store took no bytes of a chunk.');
      at = next;
    }
    return undefined;
  }

  return {
    async put(_index, bytes, given) {
      const early = await put(bytes, undefined, given);
      if (early !== undefined) throw new StorageError('io', `${key} was completed before its end.`, key);
      hash.update(bytes);
      base += bytes.byteLength;
    },
    async complete(_index, last, given) {
      const object = await put(last, base + last.byteLength, given);
      if (object !== undefined) await checkHash(object, hash.copy().update(last), key);
    },
    async abort(given) {
      await send({ method: 'DELETE', url: session, accepts: [CANCELLED, ...GONE], signal: given });
    },
  };
}

/** The address of an upload, at the endpoint that was given where one was: the store names its own. */
function sessionUrl(location: string | undefined, { endpoint, isOwnEndpoint }: GcsSettings): string {
  if (location === undefined)
    throw new StorageError('io', 'The store began an upload and gave no address for it.', endpoint);
  if (!isOwnEndpoint) return location;
  const { pathname, search } = new URL(location, endpoint);
  return new URL(pathname + search, endpoint).href;
}

interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Of the whole object; only with the last chunk. */
  readonly total: number | undefined;
}

/** Gives how many bytes the store has, or the object when it is complete. */
async function sendBytes(
  send: GcsClient,
  session: string,
  { from, bytes, total }: Piece,
  signal: AbortSignal,
): Promise<number | GcsObject> {
  const range = `bytes ${from}-${from + bytes.byteLength - 1}/${total ?? '*'}`;
  return readState(
    await send({
      method: 'PUT',
      url: session,
      headers: { 'content-range': range },
      body: bytes,
      accepts: [GO_ON],
      signal,
    }),
  );
}

function readState({ status, headers, text }: GcsAnswer): number | GcsObject {
  if (status !== GO_ON) return JSON.parse(text) as GcsObject;
  const [, last] = /^bytes=0-(\d+)$/.exec(String(headers.range ?? '')) ?? [];
  return last === undefined ? 0 : Number(last) + 1;
}

/** What the store has of a chunk. Less than was acknowledged before, or more than was sent, makes no sense. */
function checkProgress(has: number, size: number, session: string): number {
  if (has >= 0 && has <= size) return has;
  const text = `The store has ${has} of ${size} bytes that were sent to it. Write the file again.`;
  throw new StorageError('io', text, new URL(session).origin);
}

async function checkHash({ md5Hash }: GcsObject, hash: Hash, key: string): Promise<void> {
  const expected = hash.digest('base64');
  if (md5Hash === undefined || md5Hash === expected) return;
  throw new StorageError(
    'io',
    `${key} arrived damaged: its MD5 sum is not that of what was sent. Write it again.`,
    key,
  );
}
