import {
  type CallOptions,
  VecportError,
  type VectorBatch,
  type VectorId,
  type WriteFailure,
  type WriteReport,
} from '@vecport/abstractions';
import type { BytePool } from '@vecport/wire';
import { type Elastic, pathOf } from './client.js';
import { brokenAnswer, codeOfError, describe } from './errors.js';
import { findRoutings } from './get.js';
import type { IndexLayout } from './layout.js';
import { PROVIDER } from './provider.js';
import { type BulkPart, bulkParts } from './records.js';
import { sendParts } from './send-parts.js';

/** One is made while others are under way, and the server works on several. */
const REQUESTS_AT_A_TIME = 3;

interface BulkRequest extends Pick<BulkPart, 'ids'> {
  readonly body: string | Buffer;
}

interface BulkItem {
  readonly _id?: string;
  readonly status?: number;
  readonly result?: string;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
}

/**
 * Write points, each in place of the one with its id (and routing). What the server refuses of a point is in the
 * report; when it is too busy for some, the call throws `rate-limited` and can be repeated. Requests are made in memory of
 * `bodies`.
 */
export async function upsertPoints(
  elastic: Elastic,
  layout: IndexLayout,
  batch: VectorBatch,
  { signal, bodies }: CallOptions & { readonly bodies: BytePool },
): Promise<WriteReport> {
  const unwritten: WriteFailure[] = [];
  const base64 = writesBase64(elastic, layout);
  const parts = bulkParts(layout, batch, { base64, failed: unwritten, allocate: bodies.take });
  const send = async (part: BulkPart, isLast: boolean): Promise<WriteReport> => {
    // A refresh makes the writes before it visible as well, in the shards it is about.
    const items = await sendBulk(elastic, layout, part, isLast || layout.shards > 1, signal);
    bodies.give(part.body);
    const failed = items.flatMap((item, row) => failureOf(part.ids[row] ?? '', item) ?? []);
    return { accepted: items.length - failed.length, failed };
  };
  const { accepted, failed } = await sendParts(parts, send, { concurrency: REQUESTS_AT_A_TIME, signal });
  return { accepted, failed: [...unwritten, ...failed] };
}

/** Remove points, wherever their routing has put them. */
export async function deletePoints(
  elastic: Elastic,
  layout: IndexLayout,
  ids: readonly VectorId[],
  { signal }: CallOptions,
): Promise<WriteReport> {
  const lines = ids.map((id) => deleteLine(id));
  const items = await sendBulk(elastic, layout, { body: lines.join(''), ids }, true, signal);
  const failures = new Map(
    ids.flatMap((id, row) => {
      const failure = failureOf(id, items[row] ?? {});
      return failure === undefined ? [] : [[id, failure] as const];
    }),
  );
  const elsewhere = ids.filter((id, row) => items[row]?.status === 404 || failures.has(id));
  if (elsewhere.length > 0 && layout.shards > 1) await deleteRouted(elastic, layout, elsewhere, failures, signal);
  const failed = [...failures.values()];
  return { accepted: ids.length - failed.length, failed };
}

async function deleteRouted(
  elastic: Elastic,
  layout: IndexLayout,
  ids: readonly VectorId[],
  failures: Map<VectorId, WriteFailure>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let start = 0; start < ids.length; start += 5000) {
    const routings = await findRoutings(elastic, layout, ids.slice(start, start + 5000), signal);
    const places = [...routings].flatMap(([id, found]) => found.map((routing) => ({ id, routing })));
    if (places.length === 0) continue;
    const part = {
      body: places.map(({ id, routing }) => deleteLine(id, routing)).join(''),
      ids: places.map(({ id }) => id),
    };
    const items = await sendBulk(elastic, layout, part, true, signal);
    places.forEach(({ id }, row) => {
      const failure = failureOf(id, items[row] ?? {});
      if (failure === undefined) failures.delete(id);
      else failures.set(id, failure);
    });
  }
}

function deleteLine(id: VectorId, routing?: string): string {
  const place = routing === undefined ? '' : `,"routing":${JSON.stringify(routing)}`;
  return `{"delete":{"_id":${JSON.stringify(id)}${place}}}\n`;
}

async function sendBulk(
  elastic: Elastic,
  { index }: IndexLayout,
  { body, ids }: BulkRequest,
  refresh: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly BulkItem[]> {
  if (ids.length === 0) return [];
  const bytes = await elastic.send({
    method: 'POST',
    path: `${pathOf(index)}/_bulk`,
    query: { refresh: refresh ? elastic.config.refresh : 'false' },
    body,
    ndjson: true,
    signal,
  });
  const { items } = JSON.parse(bytes.toString()) as { items?: readonly Readonly<Record<string, BulkItem>>[] };
  if (items?.length !== ids.length) {
    throw brokenAnswer(
      `Elasticsearch answered for ${items?.length ?? 0} of ${ids.length} points of a bulk.`,
      'Write them again.',
    );
  }
  return items.map((item) => Object.values(item)[0] ?? {});
}

function failureOf(id: VectorId, { status = 0, error }: BulkItem): WriteFailure | undefined {
  if (error === undefined && (status < 300 || status === 404)) return undefined;
  const { code } = codeOfError(status, `${error?.type ?? ''} ${error?.reason ?? ''} ${error?.caused_by?.reason ?? ''}`);
  const reason = `Elasticsearch: ${error === undefined ? `status ${status}` : describe(error)}`;
  if (code === 'rate-limited' || code === 'unavailable') {
    throw new VecportError(code, `${reason} Some points of the bulk were written, others not.`, {
      provider: PROVIDER,
      advice: 'Write the same points again.',
    });
  }
  return { id, code, reason };
}

// Others who read an index of theirs expect lists of numbers in its documents.
function writesBase64({ server }: Elastic, { meta, source }: IndexLayout): boolean {
  return server.base64Vectors && (meta !== undefined || source !== 'kept');
}
