import { parseJson } from '@vecport/abstractions';
import { type Elastic, pathOf } from './client.js';
import { brokenAnswer } from './errors.js';
import { EVERYTHING } from './filter.js';
import { type IndexAnswer, type IndexLayout, indexUuid } from './layout.js';
import { readState } from './read-pages.js';

/**
 * Whether the state of an index has a name. Every write in a shard gets a larger sequence number than all before it, so
 * of one shard the number of documents and the largest of theirs tell all states apart: what is removed lowers the one,
 * what is written raises the other. Shards count by themselves, and a search does not tell them apart. An index that
 * was made again begins anew, so that its uuid must be known.
 */
export function hasRevision({ shards, native }: IndexLayout): boolean {
  return shards === 1 && indexUuid(native as IndexAnswer | undefined) !== undefined;
}

/**
 * Name of what a search sees now, or in a point in time. What was written and is not visible yet is not in it: a
 * read that begins after it sees at least what it names.
 */
export async function readRevision(
  elastic: Elastic,
  layout: IndexLayout,
  pit: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const state = await readState(elastic, layout, pit, EVERYTHING, signal);
  return `${await readUuid(elastic, layout, signal)}:${state.count}:${state.max}`;
}

async function readUuid(elastic: Elastic, { index }: IndexLayout, signal: AbortSignal | undefined): Promise<string> {
  const query = { filter_path: '*.settings.index.uuid' };
  const bytes = await elastic.read({ method: 'GET', path: pathOf(index), query, signal });
  const [answer] = Object.values(parseJson(bytes.toString()) as unknown as Readonly<Record<string, IndexAnswer>>);
  const uuid = indexUuid(answer);
  if (uuid === undefined) throw brokenAnswer(`The server did not say the uuid of the index '${index}'.`);
  return uuid;
}
