import type { IncomingHttpHeaders } from 'node:http';

/** What a request is about. */
export type FakeOperation =
  | 'list-indexes'
  | 'describe-index'
  | 'create-index'
  | 'configure-index'
  | 'delete-index'
  | 'upsert'
  | 'fetch'
  | 'fetch-by-metadata'
  | 'list'
  | 'query'
  | 'delete'
  | 'update'
  | 'stats'
  | 'list-namespaces'
  | 'describe-namespace'
  | 'create-namespace'
  | 'delete-namespace'
  | 'unknown';

/** A request as the fake received it. */
export interface FakeRequest {
  /** Counts the requests of this fake, from 1. */
  readonly number: number;
  readonly operation: FakeOperation;
  /** The index whose host was called; absent at the control plane. */
  readonly index: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer. */
export interface FakeReply {
  readonly status: number;
  readonly body: string;
  /** `application/json` unless said otherwise. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What goes wrong with one request, see `FakePinecone.fault`. */
export type FakeFault =
  /** Answer this instead; the request has no effect. */
  | FakeReply
  /** Answer what this makes of the true answer. */
  | { readonly alter: (reply: FakeReply) => FakeReply }
  /** Send that many bytes of the true answer's body, then cut the connection; none: cut it before the answer. */
  | { readonly cutAfter: number }
  /** Answer truly when this resolves. */
  | { readonly wait: Promise<unknown> };

/** An error as the data plane words it; codes are those of gRPC. */
export function rpcError(status: number, code: number, message: string): FakeReply {
  return { status, body: JSON.stringify({ code, message, details: [] }) };
}

/** An error as the control plane words it. */
export function controlError(status: number, code: string, message: string): FakeReply {
  return { status, body: JSON.stringify({ error: { code, message }, status }) };
}

/** An answer of plain text, as the layer in front of the service gives it. */
export function plainReply(status: number, body: string): FakeReply {
  return { status, body, headers: { 'content-type': 'text/plain' } };
}

/** A request the fake refuses; caught where it is answered. */
export class Refused extends Error {
  readonly reply: FakeReply;

  constructor(reply: FakeReply) {
    super(reply.body);
    this.reply = reply;
  }
}

/** A data plane request that is wrong by itself. */
export function invalid(message: string): Refused {
  return new Refused(rpcError(400, 3, message));
}
