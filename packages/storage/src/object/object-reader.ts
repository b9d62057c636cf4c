import { Readable } from 'node:stream';
import type { ByteRange, StorageEntry, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { brokenBody } from './network-fault.js';
import { type ObjectContext, objectUrl } from './object-context.js';
import type { ObjectInfo, OpenObject, ReadRequest } from './object-driver.js';
import type { Call } from './retry.js';

/** A whole object in one buffer; `undefined` where there is none. */
export async function readAll(
  context: ObjectContext,
  key: string,
  where: Call,
): Promise<{ readonly info: ObjectInfo; readonly bytes: Uint8Array } | undefined> {
  const body = await openBody(context, key, where, { start: 0 });
  if (body === undefined) return undefined;
  if (body === 'beyond') {
    const info = await context.call(where, async (signal) => context.driver.head(key, signal));
    return info === undefined ? undefined : { info, bytes: new Uint8Array(0) };
  }
  return { info: body.info, bytes: await collect(body.chunks(), body.info.size) };
}

/** A range of an object, or all of it. */
export async function readObject(
  context: ObjectContext,
  key: string,
  range: ByteRange | undefined,
  { signal }: StorageOptions,
): Promise<Uint8Array> {
  const where = { action: 'read', place: objectUrl(context.driver, key), signal };
  if (range === undefined) return (await readAll(context, key, where))?.bytes ?? refuseMissing(where);
  const { start, end } = range;
  if (!isRange(range) || start === end) return readNothing(context, key, where, range);
  const body = await openBody(context, key, where, { start, end });
  if (body === undefined) return refuseMissing(where);
  if (body === 'beyond') return readNothing(context, key, where, range);
  if (body.info.size < end) return refuseRange(where, range, body.info.size);
  return collect(body.chunks(), end - start);
}

/** An object in chunks, from its beginning; a connection that breaks is taken up again where it broke. */
export async function* streamObject(
  context: ObjectContext,
  key: string,
  { signal }: StorageOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const where = { action: 'read', place: objectUrl(context.driver, key), signal };
  const body = await openBody(context, key, where, { start: 0 });
  if (body === undefined) return refuseMissing(where);
  if (body !== 'beyond') yield* body.chunks();
}

/** What is known of an object; `shown` is the path for the entry. */
export async function headObject(
  context: ObjectContext,
  key: string,
  shown: string,
  { signal }: StorageOptions,
): Promise<StorageEntry | undefined> {
  const { driver, call } = context;
  const where = { action: 'look at', place: objectUrl(driver, key), signal };
  const info = await call(where, async (given) => driver.head(key, given));
  return info === undefined ? undefined : { path: shown, size: info.size, modifiedAt: info.modifiedAt };
}

interface Body {
  readonly info: ObjectInfo;
  /** Exactly the bytes asked for, as far as the object has them, or an error. To be called once. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
}

async function openBody(
  context: ObjectContext,
  key: string,
  where: Call,
  request: ReadRequest,
): Promise<Body | 'beyond' | undefined> {
  const first = await context.call(where, async (signal) => openOnce(context, key, request, signal));
  if (first === undefined || first === 'beyond') return first;
  const { info } = first.open;
  const end = Math.min(request.end ?? info.size, info.size);
  return { info, chunks: () => chunksOf(context, key, where, first, { start: request.start, end }) };
}

/** An answer, with what breaks it off. */
interface Opened {
  readonly open: OpenObject;
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly broken: AbortController;
}

async function openOnce(
  { driver }: ObjectContext,
  key: string,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<Opened | 'beyond' | undefined> {
  const broken = new AbortController();
  const open = await driver.read(key, request, AbortSignal.any([signal, broken.signal]));
  if (open === undefined || open === 'beyond') return open;
  keepQuiet(open.bytes);
  if (open.start === request.start) return { open, broken, chunks: open.bytes[Symbol.asyncIterator]() };
  broken.abort();
  throw brokenBody(`The answer begins at byte ${open.start}, and byte ${request.start} was asked for.`);
}

/** A stream of Node that is broken off while nobody reads it must not bring the process down. */
function keepQuiet(bytes: AsyncIterable<Uint8Array>): void {
  if (bytes instanceof Readable) bytes.on('error', () => undefined);
}

async function* chunksOf(
  context: ObjectContext,
  key: string,
  where: Call,
  first: Opened,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { version } = first.open.info;
  let opened = first;
  let at = start;
  try {
    while (at < end) {
      const chunk = await context.call(where, async (signal, attempt) => {
        if (attempt > 1) {
          opened.broken.abort();
          opened = sameObject(await openOnce(context, key, { start: at, end, version }, signal), where, version);
        }
        return nextChunk(opened, context.timeoutMs);
      });
      at += chunk.byteLength;
      if (at > end) throw new StorageError('io', `${where.place} is longer than it was said to be.`, where.place);
      yield chunk;
    }
  } finally {
    if (at < end) opened.broken.abort();
    else release(opened);
  }
}

/** All bytes are there: the end is read too, so that the connection can be used again. */
function release({ chunks, broken }: Opened): void {
  const next = chunks.next();
  next.then(
    ({ done }) => (done === true ? undefined : broken.abort()),
    () => undefined,
  );
}

/** The next bytes; no bytes for too long, and an end that comes early, are errors. */
async function nextChunk({ chunks, broken }: Opened, timeoutMs: number): Promise<Uint8Array> {
  const late = brokenBody(`No bytes came for ${timeoutMs / 1000} s.`);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      broken.abort(late);
      reject(late);
    }, timeoutMs);
  });
  try {
    for (;;) {
      const next = await Promise.race<IteratorResult<Uint8Array, unknown>>([chunks.next(), timeout]);
      if (next.done === true) throw brokenBody('The connection ended before all bytes had come.');
      if (next.value.byteLength > 0) return next.value;
    }
  } finally {
    clearTimeout(timer);
  }
}

function sameObject(found: Opened | 'beyond' | undefined, { place }: Call, version: string): Opened {
  if (found !== undefined && found !== 'beyond' && found.open.info.version === version) return found;
  if (found !== undefined && found !== 'beyond') found.broken.abort();
  throw new StorageError('io', `${place} changed while it was read. Read it again.`, place);
}

async function collect(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function isRange({ start, end }: ByteRange): boolean {
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end;
}

/** An empty range inside of an object, or the refusal of one that is not. */
async function readNothing(
  { driver, call }: ObjectContext,
  key: string,
  where: Call,
  range: ByteRange,
): Promise<Uint8Array> {
  const info = await call(where, async (signal) => driver.head(key, signal));
  if (info === undefined) return refuseMissing(where);
  if (!isRange(range) || range.end > info.size) return refuseRange(where, range, info.size);
  return new Uint8Array(0);
}

function refuseRange({ place }: Call, { start, end }: ByteRange, size: number): never {
  throw new StorageError('io', `Cannot read bytes ${start} to ${end} of ${place}: it has ${size} bytes.`, place);
}

function refuseMissing({ place }: Call): never {
  throw new StorageError('not-found', `Cannot read ${place}: there is no such object. Check the path.`, place);
}
