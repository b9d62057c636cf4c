import type { IncomingHttpHeaders } from 'node:http';

/** A request on its way through a fault proxy, before its body was read. */
export interface ProxiedRequest {
  /** Requests are counted from 1 on. */
  readonly number: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What goes wrong with one request. The members are applied in this order; those left out change nothing. */
export interface HttpFault {
  /** Wait before anything else happens. */
  readonly delayMs?: number | undefined;
  /** Answer so, without asking the server. */
  readonly answer?: HttpFaultAnswer | undefined;
  /** Never answer, and ask nobody. */
  readonly silent?: boolean | undefined;
  /** Break both connections after so many bytes of the request's body, at its end when it is shorter. */
  readonly cutRequestAfterBytes?: number | undefined;
  /** So many bytes a second go through, in each direction. */
  readonly bytesPerSecond?: number | undefined;
  /** Let the server do what was asked, and break the connection instead of passing its answer on. */
  readonly loseAnswer?: boolean | undefined;
  /** Break the connection after so many bytes of the answer's body, although its whole length was told. */
  readonly cutAnswerAfterBytes?: number | undefined;
  /** Pass so many bytes of the answer's body on, and then nothing more. */
  readonly stallAnswerAfterBytes?: number | undefined;
}

/** An answer that the server did not give. */
export interface HttpFaultAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

/** Asked before each request is passed on: what goes wrong with it, `undefined` when nothing does. */
export type HttpFaultSource = (request: ProxiedRequest) => HttpFault | undefined;
