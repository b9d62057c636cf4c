import type { Client } from '@elastic/elasticsearch';
import type { CallOptions } from '@vecport/abstractions';
import { ByteRoom } from '@vecport/wire';
import { toVecportError } from './errors.js';

/** One request. */
export interface ElasticRequest extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with its parts percent-encoded, see `pathOf`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** JSON text, or lines of it where `ndjson` says so. */
  readonly body?: string | Buffer | undefined;
  readonly ndjson?: boolean | undefined;
  /** Where the answer is collected; in memory of its own if not said. */
  readonly room?: ByteRoom | undefined;
}

/** An answer, whatever its status. */
export interface ElasticAnswer {
  readonly status: number;
  readonly bytes: Buffer;
  readonly retryAfter: string | undefined;
}

/** One request and its whole answer, of any status. */
export async function exchange(client: Client, request: ElasticRequest): Promise<ElasticAnswer> {
  const { method, path, query, body, ndjson, room = new ByteRoom(), signal } = request;
  signal?.throwIfAborted();
  try {
    const content = ndjson === true ? { bulkBody: body } : { body };
    const answer = await client.transport.request<AsyncIterable<Uint8Array>>(
      {
        method,
        path,
        ...(query && { querystring: { ...query } }),
        ...(body !== undefined && (content as { body: string })),
      },
      {
        asStream: true,
        meta: true,
        maxRetries: 0,
        compression: false,
        // Plain media types, which servers of every version take.
        headers: {
          accept: 'application/json',
          'content-type': ndjson === true ? 'application/x-ndjson' : 'application/json',
        },
        ...(signal && { signal }),
      },
    );
    const length = Number(answer.headers?.['content-length'] ?? 0);
    const bytes = await room.collect(answer.body, length);
    const retryAfter = answer.headers?.['retry-after'];
    return {
      status: answer.statusCode ?? 0,
      bytes,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw toVecportError(error);
  }
}
