import {
  type ExportOptions,
  metadataText,
  type StoreDriver,
  type VectorBatch,
  type VectorValue,
  vectorAt,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-elastic';

/** A real server, spoken to past the adapter. */
export interface RealServer {
  /** Send a request; fails unless the answer is a success or has the status expected. */
  call(method: string, path: string, body?: unknown, expected?: number): Promise<unknown>;
  /** The address without credentials, and the settings the adapter is opened with. */
  readonly settings: Readonly<Record<string, string | undefined>>;
}

/** The server at a store URL, without TLS. */
export function realServer(storeUrl: string): RealServer {
  const { settings } = adapter.parseUrl(storeUrl);
  return {
    settings,
    call: async (method, path, body, expected) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${settings['url']}${path}`, {
        method,
        ...(text !== undefined && { body: text }),
        headers: { 'content-type': path.includes('_bulk') ? 'application/x-ndjson' : 'application/json' },
      });
      const answer = await response.text();
      if (expected === undefined ? !response.ok : response.status !== expected)
        throw new Error(`${method} ${path}: ${response.status} ${answer.slice(0, 500)}`);
      return answer === '' ? undefined : (JSON.parse(answer) as unknown);
    },
  };
}

/** A point as tests look at it. */
export interface ReadPoint {
  readonly id: string;
  readonly metadata: string | undefined;
  readonly vectors: Readonly<Record<string, unknown>>;
}

/** The points of a batch. */
export function pointsOf(batch: VectorBatch): readonly ReadPoint[] {
  return batch.ids.map((id, row) => ({
    id,
    metadata: metadataText(batch.metadata, row),
    vectors: Object.fromEntries(
      Object.entries(batch.vectors).flatMap(([name, column]) => {
        const value = vectorAt(column, row);
        return value === undefined ? [] : [[name, plain(value)] as const];
      }),
    ),
  }));
}

/** All points of a collection, by id. */
export async function exported(
  store: StoreDriver,
  collection: string,
  options: ExportOptions = {},
): Promise<readonly ReadPoint[]> {
  const points: ReadPoint[] = [];
  const driver = await store.collection(collection, {});
  for await (const batch of driver.exportAll?.({ batchSize: 3, ...options }) ?? []) points.push(...pointsOf(batch));
  return points.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function plain(value: VectorValue): unknown {
  return value instanceof Float32Array ? [...value] : value;
}
