import type { Fault, ObjectDriver, ObjectInfo } from '../../src/object/object-driver.js';

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly version: string;
  readonly modifiedAt: number;
  readonly mark: string;
}

/** A bucket in memory, with what a test may change of it. */
export interface MemoryBucket {
  readonly objects: Map<string, StoredObject>;
  /** Uploads that were begun and not ended. */
  readonly uploads: Set<string>;
  /** Its clock. */
  now(): number;
  /** Called before each request; what it throws, the request throws. */
  before(request: string, key: string): void;
}

/** An empty bucket. */
export function memoryBucket(): MemoryBucket {
  return { objects: new Map(), uploads: new Set(), now: () => Date.now(), before: () => undefined };
}

/** A fault with a code of its own. */
export function faultError(fault: Fault): Error {
  return Object.assign(new Error(fault.text), { fault });
}

/** An object store that keeps the contract of drivers and nothing more: small parts, pages of a hundred. */
export function memoryDriver(bucket: MemoryBucket): ObjectDriver {
  const { objects, uploads } = bucket;
  const mine = new Set<string>();
  let versions = 0;
  const begin = (request: string, key: string, signal: AbortSignal): void => {
    signal.throwIfAborted();
    bucket.before(request, key);
  };
  const store = (key: string, bytes: Uint8Array, mark: string): string => {
    versions += 1;
    const version = `v${versions}-${mark}`;
    objects.set(key, { bytes: bytes.slice(), version, modifiedAt: bucket.now(), mark });
    return version;
  };
  const infoOf = ({ bytes, version, modifiedAt, mark }: StoredObject): ObjectInfo => ({
    size: bytes.byteLength,
    version,
    modifiedAt,
    mark,
    answeredAt: bucket.now(),
  });

  return {
    kind: 'memory',
    url: 'memory://bucket/',
    parts: { size: () => 4 << 20, mostParts: 20, parallel: 2 },
    mostKeyBytes: 1024,
    explain: (error) => (error as { fault?: Fault }).fault ?? { code: 'io', text: String(error), transient: false },
    async head(key, signal) {
      begin('head', key, signal);
      const found = objects.get(key);
      return found === undefined ? undefined : infoOf(found);
    },
    async read(key, { start, end, version }, signal) {
      begin('read', key, signal);
      const found = objects.get(key);
      if (found === undefined) return undefined;
      if (version !== undefined && version !== found.version) throw new Error('It changed.');
      if (start >= found.bytes.byteLength) return 'beyond';
      return { info: infoOf(found), start, bytes: inPieces(found.bytes.subarray(start, end)) };
    },
    async list(prefix, next, signal) {
      begin('list', prefix, signal);
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
      const sorted = keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      const first = Number(next ?? 0);
      const page = sorted.slice(first, first + 100).flatMap((key) => {
        const found = objects.get(key);
        return found === undefined ? [] : [{ key, size: found.bytes.byteLength, modifiedAt: found.modifiedAt }];
      });
      return { objects: page, next: first + 100 < sorted.length ? String(first + 100) : undefined };
    },
    async delete(key, version, signal) {
      begin('delete', key, signal);
      if (version === undefined || objects.get(key)?.version === version) objects.delete(key);
    },
    async put(key, bytes, mark, condition, signal) {
      begin('put', key, signal);
      const found = objects.get(key);
      if (condition?.replaces === 'absent' && found !== undefined) return undefined;
      if (typeof condition?.replaces === 'object' && found?.version !== condition.replaces.version) return undefined;
      return store(key, bytes, mark);
    },
    async startUpload(key, mark, signal) {
      begin('start', key, signal);
      const id = `${key}\n${mark}`;
      const parts = new Map<number, Uint8Array>();
      uploads.add(id);
      mine.add(id);
      return {
        async put(index, bytes, given) {
          begin('part', key, given);
          parts.set(index, bytes.slice());
        },
        async complete(index, last, given) {
          begin('complete', key, given);
          parts.set(index, last.slice());
          store(key, Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)), mark);
          uploads.delete(id);
        },
        async abort(given) {
          begin('abort', key, given);
          uploads.delete(id);
        },
      };
    },
    async *abandoned(prefix, signal) {
      begin('abandoned', prefix, signal);
      for (const id of [...uploads]) {
        const [key = ''] = id.split('\n');
        if (key.startsWith(prefix) && !mine.has(id)) yield { key, remove: async () => void uploads.delete(id) };
      }
    },
  };
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1 << 16) yield bytes.slice(at, at + (1 << 16));
}
