import { type IVectorSearchRepository, parseJson, stringifyJson, VecportError } from '@vecport/abstractions';
import {
  joinParts,
  layoutFileBytes,
  layoutKeyValues,
  layoutPath,
  manifestCollectionSchema,
  type OtherLayout,
  type PartEntry,
  readText,
  writeText,
} from '@vecport/dataset';
import { z } from 'zod';
import { type CollectionPlace, type ExportedCollection, exportCollection } from './export-collection.js';
import type { ExportRun } from './export-run.js';
import { layoutPlace } from './layout-paths.js';
import { STATE_FOLDER } from './prepare-export.js';

/**
 * Export a collection as `exportCollection` does and, in another tool's layout, join its parts into the files of that
 * layout. What was joined is remembered before the parts are removed, so that a killed run goes on from either state and
 * ends with the same bytes.
 * @throws VecportError as `exportCollection` and `joinParts`.
 */
export async function exportInLayout(
  repositories: readonly IVectorSearchRepository[],
  run: ExportRun,
  place: CollectionPlace,
): Promise<ExportedCollection> {
  const { layout } = run.keeper.plan;
  if (layout === undefined) return exportCollection(repositories, run, place);
  const { storage } = run;
  const path = `${STATE_FOLDER}/${String(place.index).padStart(3, '0')}-joined.json`;
  const text = await readText(storage, path);
  const joined = text === undefined ? await joinedNow(repositories, run, place, layout) : parseJoined(text, path);
  if (text === undefined) await writeText(storage, path, stringifyJson(joined));
  for (const part of joined.parts) await storage.delete(part);
  return joined.collection;
}

/** A collection in its last form, and the paths of the parts it was joined from. */
interface Joined {
  readonly collection: ExportedCollection;
  readonly parts: readonly string[];
}

async function joinedNow(
  repositories: readonly IVectorSearchRepository[],
  run: ExportRun,
  place: CollectionPlace,
  layout: OtherLayout,
): Promise<Joined> {
  const collection = await exportCollection(repositories, run, place);
  const files = await joinAll(collection, run, layout, place);
  return {
    collection: { ...collection, entry: { ...collection.entry, parts: files } },
    parts: collection.entry.parts.map((part) => part.path),
  };
}

/** One file for the collection or each of its tenants, or several where the layout bounds their size. */
async function joinAll(
  { entry }: ExportedCollection,
  run: ExportRun,
  layout: OtherLayout,
  { index }: CollectionPlace,
): Promise<readonly PartEntry[]> {
  const files: PartEntry[] = [];
  const byTenant = Map.groupBy(entry.parts, ({ tenant }) => tenant);
  for (const [tenant, parts] of byTenant) {
    for (const [at, group] of cutByBytes(parts, layoutFileBytes(layout)).entries()) {
      const place = { ...layoutPlace(run.keeper.plan, index, layout, tenant), index: at };
      const path = layoutPath(place);
      const { signal } = run;
      const file = await joinParts(run.storage, {
        parts: group,
        path,
        index: at,
        keyValues: layoutKeyValues(place),
        signal,
      });
      run.onEvent({ type: 'part', collection: entry.name, tenant, path, rows: file.rows, bytes: file.bytes });
      files.push(file);
    }
  }
  return files;
}

function cutByBytes(parts: readonly PartEntry[], most: number): readonly (readonly PartEntry[])[] {
  const groups: PartEntry[][] = [];
  let bytes = 0;
  for (const part of parts) {
    const last = groups.at(-1);
    bytes += part.bytes;
    if (last === undefined || bytes > most) {
      groups.push([part]);
      bytes = part.bytes;
    } else last.push(part);
  }
  return groups;
}

const joinedSchema = z.object({
  collection: z.object({
    entry: manifestCollectionSchema,
    tally: z.object({
      rows: z.int(),
      read: z.int(),
      missing: z.int(),
      missingIds: z.array(z.string()),
    }),
    retries: z.int(),
    warnings: z.array(z.string()),
    restarted: z.array(z.string()),
  }),
  parts: z.array(z.string()),
});

function parseJoined(text: string, path: string): Joined {
  const result = joinedSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw new VecportError('corrupt-data', `The state ${path} is damaged, or not one of ours.`, {
    operation: 'export',
    advice: 'Remove the unfinished export and start again.',
  });
}
