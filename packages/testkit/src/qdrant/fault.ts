import type { AlterPage } from './rest-reads.js';

/** A request as the fake received it, whole. */
export interface FakeQdrantRequest {
  /** Requests are counted from 1 on, over both interfaces. */
  readonly number: number;
  readonly transport: 'rest' | 'grpc';
  readonly method: string;
  /** With its query; over gRPC `/qdrant.Points/Scroll` and the like. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or the protobuf message. */
  readonly body: Uint8Array;
}

/** What goes wrong with one request. The members are applied in this order; those left out change nothing. */
export interface QdrantFault {
  /** Wait before anything else happens. */
  readonly delayMs?: number | undefined;
  /**
   * Refuse the request without carrying it out, by an HTTP status. gRPC answers with the code that stands
   * for it (429: 8, 503: 14, 504: 4, 403: 7, 401: 16, 404: 5, 400: 3, others: 13).
   */
  readonly refuse?: QdrantFaultRefusal | undefined;
  /** Change the page of a scroll before it is encoded: repeat it, empty it, give it another next offset. */
  readonly alterPage?: AlterPage | undefined;
  /** Change the encoded answer (the JSON text, or the protobuf message); its length is told truly. */
  readonly alterBody?: ((body: Uint8Array) => Uint8Array) | undefined;
  /** Break the connection after so many bytes of the answer's body, although its whole length was told. */
  readonly cutAfterBytes?: number | undefined;
}

/** How a request is refused by a {@link QdrantFault}. */
export interface QdrantFaultRefusal {
  readonly status: number;
  /** Sent as the header `retry-after` or, over gRPC, the metadata of that name. */
  readonly retryAfterSeconds?: number | undefined;
  readonly message?: string | undefined;
}

/**
 * Asked before each request is carried out: what goes wrong with it, `undefined` when nothing does. It may
 * also change what the fake holds, so that a collection changes while it is read.
 */
export type QdrantFaultSource = (
  request: FakeQdrantRequest,
) => QdrantFault | undefined | Promise<QdrantFault | undefined>;
