import {
  type CallOptions,
  isVecportError,
  type VectorBatch,
  type VectorId,
  type WriteFailure,
  type WriteReport,
} from '@vecport/abstractions';
import type { IndexHost } from './client.js';
import { hasCode } from './errors.js';
import type { IndexInfo } from './index-info.js';
import { namespaceMember } from './namespaces.js';
import { recordsOf, type StoredRecord } from './records.js';
import { storedId } from './stored-id.js';

/** Where records are written. */
export interface WriteTarget {
  readonly host: IndexHost;
  readonly info: IndexInfo;
  /** Absent: the default namespace. */
  readonly namespace: string | undefined;
}

const MAX_RECORDS = 1000;
/** Pinecone takes 2 MB; some of it is left to the envelope. */
const MAX_BYTES = 2_000_000 - 1000;

/**
 * Write the points of a batch, in requests of at most 1,000 records and 2 MB. Where Pinecone refuses a request, it is
 * cut in half until the points it does not take are found.
 */
export async function writeBatch(
  target: WriteTarget,
  batch: VectorBatch,
  { signal }: CallOptions,
): Promise<WriteReport> {
  const { records, failed } = recordsOf(batch, target.info);
  const failures: WriteFailure[] = [...failed];
  let accepted = 0;
  for (const part of requestsOf(records)) {
    const refused = await writePart(target, part, signal);
    failures.push(...refused);
    accepted += part.length - refused.length;
  }
  return { accepted, failed: failures };
}

/** Remove points by id; those that do not exist are none's error. */
export async function deleteRecords(
  { host, namespace }: WriteTarget,
  ids: readonly VectorId[],
  { signal }: CallOptions,
): Promise<WriteReport> {
  for (let start = 0; start < ids.length; start += MAX_RECORDS) {
    const part = ids.slice(start, start + MAX_RECORDS).map(storedId);
    try {
      const body = `{"ids":${JSON.stringify(part)}${namespaceMember(namespace)}}`;
      await host.request({ method: 'POST', path: '/vectors/delete', body, signal });
    } catch (error) {
      // A namespace is there while it has points.
      if (!hasCode(error, 'not-found')) throw error;
    }
  }
  return { accepted: ids.length, failed: [] };
}

function* requestsOf(records: readonly StoredRecord[]): Generator<readonly StoredRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [at, record] of records.entries()) {
    if (at > start && (bytes + record.bytes > MAX_BYTES || at - start === MAX_RECORDS)) {
      yield records.slice(start, at);
      start = at;
      bytes = 0;
    }
    bytes += record.bytes + 1;
  }
  if (start < records.length) yield records.slice(start);
}

async function writePart(
  target: WriteTarget,
  records: readonly StoredRecord[],
  signal: AbortSignal | undefined,
): Promise<readonly WriteFailure[]> {
  const body = `{"vectors":[${records.map(({ json }) => json).join(',')}]${namespaceMember(target.namespace)}}`;
  try {
    await target.host.request({ method: 'POST', path: '/vectors/upsert', body, signal });
    return [];
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'invalid-argument') throw error;
    const [only] = records;
    if (only !== undefined && records.length === 1) return [{ id: only.id, code: error.code, reason: error.reason }];
    const middle = Math.ceil(records.length / 2);
    const first = await writePart(target, records.slice(0, middle), signal);
    return [...first, ...(await writePart(target, records.slice(middle), signal))];
  }
}
