import type { ErrorCode, VectorId } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { PartPlace } from './transfer-sink.js';

/** The file when nobody says which. */
const QUARANTINE_PATH = 'quarantine.ndjson';
/** Folder of what is not collected yet, one file a part. */
const PARTS_FOLDER = 'quarantine';

/** A point that could not be moved, as a line of the file. */
export interface QuarantinedPoint {
  readonly collection: string;
  readonly tenant?: string | undefined;
  readonly id: VectorId;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** A file of a storage. */
export interface QuarantineFile {
  readonly storage: Storage;
  readonly path: string;
}

/** A file of quarantined points that was written. */
export interface QuarantineReport {
  /** Of its folder. */
  readonly url: string;
  readonly path: string;
  readonly points: number;
}

/** Keeps every point that was refused, beside the checkpoints of a job, until it is done. */
export interface Quarantine {
  /** The refused points of a part, in place of those of an earlier attempt. Durable when it resolves. */
  keep(unit: string, place: PartPlace, points: readonly QuarantinedPoint[]): Promise<void>;
  /** Forget those of the units of a collection: all of it is written again. */
  forget(collection: number): Promise<void>;
  /**
   * Put all of them into one file, one JSON object a line, in the order of units and parts, in place of an older file.
   * Without any there is no file.
   */
  collect(): Promise<QuarantineReport | undefined>;
}

/**
 * A quarantine in the folder of a job. `resumed`: what an earlier run kept is part of it; else it is forgotten. The
 * file lies there too, unless another one is named.
 */
export async function openQuarantine(state: Storage, resumed: boolean, file?: QuarantineFile): Promise<Quarantine> {
  if (!resumed) await forget(state);
  const target = file ?? { storage: state, path: QUARANTINE_PATH };
  return {
    keep: async (unit, { slice, index }, points) => {
      const name = `${unit}-${String(slice).padStart(3, '0')}-${String(index).padStart(5, '0')}.ndjson`;
      await writeLines({ storage: state, path: `${PARTS_FOLDER}/${name}` }, [linesOf(points)]);
    },
    forget: async (collection) => forget(state, `${String(collection).padStart(3, '0')}-`),
    collect: async () => {
      const paths = await pathsIn(state);
      const { storage, path } = target;
      if (paths.length === 0) {
        await storage.delete(path);
        return undefined;
      }
      const points = await writeLines(target, chunksOf(state, paths));
      await forget(state);
      return { url: storage.url, path, points };
    },
  };
}

function linesOf(points: readonly QuarantinedPoint[]): Uint8Array {
  const lines = points.map(({ collection, tenant, id, code, reason }) =>
    JSON.stringify({ collection, tenant, id, code, reason }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function* chunksOf(storage: Storage, paths: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const path of paths) yield await storage.read(path);
}

/** Gives the number of lines. */
async function writeLines(
  { storage, path }: QuarantineFile,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  const file = await storage.put(path);
  let lines = 0;
  try {
    for await (const chunk of chunks) {
      await file.write([chunk]);
      for (const byte of chunk) if (byte === 0x0a) lines++;
    }
    await file.commit();
    return lines;
  } catch (error) {
    await file.abort();
    throw error;
  }
}

async function pathsIn(storage: Storage): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of storage.list(`${PARTS_FOLDER}/`)) paths.push(path);
  return paths.toSorted();
}

async function forget(storage: Storage, units = ''): Promise<void> {
  for (const path of await pathsIn(storage)) {
    if (path.startsWith(`${PARTS_FOLDER}/${units}`)) await storage.delete(path);
  }
}
