import { JsonReader } from '@vecport/wire';
import { brokenPromise, hasCode } from './errors.js';
import type { IndexInfo } from './index-info.js';
import { namespaceQuery } from './namespaces.js';
import { readNext } from './page.js';
import type { WriteTarget } from './write-records.js';

/** Records by stored id, as JSON text. */
export type RawRecords = ReadonlyMap<string, Uint8Array>;

/** A page of records. */
export interface RecordPage {
  readonly records: RawRecords;
  /** The token of the next page; absent on the last. */
  readonly next: string | undefined;
}

/** Identifiers stand in the URL, and servers bound its length without saying where. */
const MAX_QUERY_BYTES = 6000;
/** Bytes of an answer that are asked for at once, about. */
const TARGET_BYTES = 4 * 2 ** 20;
const MAX_IDS = 1000;
const BYTES_PER_FLOAT = 12;
const BYTES_PER_RECORD = 500;

/** How many records make an answer of a size that pays, by the size of their vectors. */
export function recordsPerRequest({ dense }: IndexInfo): number {
  const bytes = BYTES_PER_RECORD + (dense?.dimension ?? 200) * BYTES_PER_FLOAT;
  return Math.max(1, Math.min(MAX_IDS, Math.floor(TARGET_BYTES / bytes)));
}

/** Stored ids in groups that make a request each, in their order. */
export function* groupIds(ids: readonly string[], most: number): Generator<readonly string[]> {
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < ids.length; at++) {
    const own = encodeURIComponent(ids[at] ?? '').length + '&ids='.length;
    if (at > start && (bytes + own > MAX_QUERY_BYTES || at - start === most)) {
      yield ids.slice(start, at);
      start = at;
      bytes = 0;
    }
    bytes += own;
  }
  if (start < ids.length) yield ids.slice(start);
}

/**
 * The records with these stored ids that exist. The ids must be one group.
 * @throws VecportError `provider-error` when Pinecone gives a record that was not asked for.
 */
export async function fetchRecords(
  target: WriteTarget,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<RawRecords> {
  const query = ids.map((id) => `ids=${encodeURIComponent(id)}`).join('&');
  const path = `/vectors/fetch?${query}${namespaceQuery(target.namespace)}`;
  let bytes: Uint8Array;
  try {
    bytes = await target.host.request({ method: 'GET', path, signal });
  } catch (error) {
    if (ids.length === 1 || !hasCode(error, 'invalid-argument') || !/answered (?:413|414|431)/.test(String(error)))
      throw error;
    // The URL is too long for what stands between here and Pinecone.
    const middle = Math.ceil(ids.length / 2);
    const first = await fetchRecords(target, ids.slice(0, middle), signal);
    return new Map([...first, ...(await fetchRecords(target, ids.slice(middle), signal))]);
  }
  const { records } = readRecords(bytes);
  const asked = new Set(ids);
  for (const id of records.keys())
    if (!asked.has(id)) throw brokenPromise(`Pinecone gave the record '${id}', which was not asked for.`);
  return records;
}

/** The records in an answer to a fetch. @throws VecportError `corrupt-data`, `provider-error` for a record that comes twice. */
export function readRecords(bytes: Uint8Array): RecordPage {
  const reader = new JsonReader(bytes);
  const records = new Map<string, Uint8Array>();
  let next: string | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'vectors' && !reader.isNull()) {
      reader.enterObject();
      for (let id = reader.nextKey(); id !== undefined; id = reader.nextKey()) {
        if (records.has(id)) throw brokenPromise(`Pinecone gave the record '${id}' twice in one answer.`);
        records.set(id, reader.raw());
      }
    } else if (key === 'pagination') next = readNext(reader);
    else if (key !== 'vectors') reader.skip();
  }
  reader.finish();
  return { records, next };
}
