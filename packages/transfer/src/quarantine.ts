import type { ErrorCode, VectorId } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { PartPlace } from './transfer-sink.js';

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
  /** The points of a unit that are kept so far, in the order of parts. */
  pointsOf(unit: string): AsyncIterable<QuarantinedPoint>;
  /** How many they are. */
  count(unit: string): Promise<number>;
  /** Forget those of a collection (see {@link unitName}) or of one of its units: all of it is written again. */
  forget(collection: number, unit?: number): Promise<void>;
  /**
   * Copy all of them, or those of one collection, into one file, one JSON object a line, in the order of units and
   * parts, in place of an older file. Without any there is no file. They are kept until `clear`, so that a run that goes
   * on after a crash collects them again.
   */
  collect(file: QuarantineFile, collection?: number): Promise<QuarantineReport | undefined>;
  /** Forget all of them: the work is done. */
  clear(): Promise<void>;
}

/** What a unit of a job is called: unit `unit` of collection `collection`. */
export function unitName(collection: number, unit: number): string {
  return `${collectionPrefix(collection)}${String(unit).padStart(5, '0')}`;
}

/**
 * A quarantine in the folder of a job, where paths begin with `prefix`. `resumed`: what an earlier run kept is part of
 * it; else it is forgotten. The folder is listed once: where nothing is refused, nothing more is asked of the storage.
 */
export async function openQuarantine(state: Storage, resumed: boolean, prefix = ''): Promise<Quarantine> {
  const folder = `${prefix}${PARTS_FOLDER}/`;
  const kept = new Set(await pathsIn(state, folder));
  const pathsOf = (start = ''): readonly string[] =>
    [...kept].filter((path) => path.startsWith(`${folder}${start}`)).toSorted();
  const forget = async (start?: string): Promise<void> => {
    for (const path of pathsOf(start)) {
      await state.delete(path);
      kept.delete(path);
    }
  };
  if (!resumed) await forget();
  return {
    keep: async (unit, { slice, index }, points) => {
      const path = `${folder}${unit}-${String(slice).padStart(3, '0')}-${String(index).padStart(5, '0')}.ndjson`;
      if (points.length === 0) return forget(path.slice(folder.length));
      await writeLines({ storage: state, path }, [linesOf(points)]);
      kept.add(path);
    },
    pointsOf: (unit) => pointsIn(state, pathsOf(`${unit}-`)),
    count: async (unit) => {
      let points = 0;
      for await (const _ of pointsIn(state, pathsOf(`${unit}-`))) points++;
      return points;
    },
    forget: async (collection, unit) =>
      forget(unit === undefined ? collectionPrefix(collection) : `${unitName(collection, unit)}-`),
    collect: async (file, collection) => {
      const paths = pathsOf(collection === undefined ? '' : collectionPrefix(collection));
      const { storage, path } = file;
      if (paths.length > 0) return { url: storage.url, path, points: await writeLines(file, chunksOf(state, paths)) };
      await storage.delete(path);
      return undefined;
    },
    clear: async () => forget(),
  };
}

/** Where the quarantined points of an import or a migration are collected when nobody says. */
export function defaultQuarantineFile(state: Storage): QuarantineFile {
  return { storage: state, path: 'quarantine.ndjson' };
}

function collectionPrefix(collection: number): string {
  return `${String(collection).padStart(3, '0')}-`;
}

function linesOf(points: readonly QuarantinedPoint[]): Uint8Array {
  const lines = points.map(({ collection, tenant, id, code, reason }) =>
    JSON.stringify({ collection, tenant, id, code, reason }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

async function* pointsIn(
  storage: Storage,
  paths: readonly string[],
): AsyncGenerator<QuarantinedPoint, void, undefined> {
  for await (const lines of chunksOf(storage, paths)) {
    const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString();
    for (const line of text.split('\n')) if (line !== '') yield JSON.parse(line) as QuarantinedPoint;
  }
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

async function pathsIn(storage: Storage, prefix: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of storage.list(prefix)) paths.push(path);
  return paths;
}
