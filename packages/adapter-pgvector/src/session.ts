import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { VecportError } from '@vecport/abstractions';
import type { Connections, Lease, PgResult } from './client.js';
import { PROVIDER } from './config.js';
import { toVecportError } from './errors.js';

/** A row as text, the way the server prints it. */
export type TextRow = readonly (string | null)[];

/** A parameter of a query: text, or bytes in the type's binary format. */
export type SqlValue = string | Uint8Array | null;

/** A stream of rows on its way. */
export interface CopyOut {
  readonly stream: Readable;
  /** Rows the server says it sent; known after the session's next query. */
  rows(): number;
}

/** How a transaction is begun. */
export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  /** For each query; without it, one may take as long as it wants. */
  readonly timeoutMs?: number | undefined;
  /** Statements the transaction begins with; the last one gives the process id of the server's backend. */
  readonly prelude: string;
  readonly copyTo: Connections['copyTo'];
  /** Asks the server to stop what a backend does; resolves when it was told, never rejects. */
  readonly cancel: (backend: string) => Promise<void>;
}

/** Most time that is added to the server's own limit, so that its error comes first. */
const GRACE_MS = 3000;

const asText = { getTypeParser: () => (value: string) => value };

/**
 * An open transaction on a connection of its own, which is released when it ends. One query at a time. Errors come as
 * `VecportError`, an abort as its reason.
 */
export class Session {
  readonly #lease: Lease;
  readonly #options: SessionOptions;
  readonly #broken = Promise.withResolvers<never>();
  readonly #aborted = (): void => this.kill(this.#options.signal?.reason);
  #backend: string | undefined;
  #isBusy = false;
  #isKilled = false;
  #hasEnded = false;

  private constructor(lease: Lease, options: SessionOptions) {
    this.#lease = lease;
    this.#options = options;
    this.#broken.promise.catch(() => undefined);
    options.signal?.addEventListener('abort', this.#aborted);
  }

  /** Begin a transaction. When that fails, the lease is released all the same. */
  static async begin(lease: Lease, options: SessionOptions): Promise<Session> {
    const session = new Session(lease, options);
    try {
      options.signal?.throwIfAborted();
      const begun = lease.connection.query({ text: options.prelude, rowMode: 'array', types: asText });
      const results = (await session.#run(begun)) as readonly PgResult[];
      session.#backend = results.at(-1)?.rows[0]?.[0] ?? undefined;
      return session;
    } catch (error) {
      await session.rollback();
      throw error;
    }
  }

  /** Run a query. */
  async query(text: string, values?: readonly SqlValue[]): Promise<readonly TextRow[]> {
    const result = await this.#run(this.#lease.connection.query(queryOf(text, values)));
    return (result as PgResult).rows;
  }

  /** The bytes of a `COPY … TO STDOUT`; what is not read stays with the server. */
  copyOut(sql: string): CopyOut {
    this.#isBusy = true;
    const stream = this.#options.copyTo(sql);
    // The stream throws what it emits to whoever reads it; nobody may be reading at that moment.
    stream.on('error', () => undefined);
    this.#broken.promise.catch((reason: unknown) => {
      stream.destroy(types.isNativeError(reason) ? reason : new Error(String(reason)));
    });
    void this.#lease.connection.query(stream);
    return { stream, rows: () => stream.rowCount };
  }

  /** Make it last. The session must not be used after it. */
  async commit(): Promise<void> {
    await this.#finish('COMMIT');
  }

  /** Undo it. Never throws; the session must not be used after it. */
  async rollback(): Promise<void> {
    await this.#finish('ROLLBACK').catch(() => undefined);
  }

  /** Cut it off now, whatever runs in it. Never throws; may be called at any time. */
  kill(reason: unknown): void {
    if (this.#hasEnded || this.#isKilled) return;
    this.#isKilled = true;
    this.#broken.reject(reason);
    if (!this.#isBusy || this.#backend === undefined) {
      this.#end(true);
      return;
    }
    // First the server stops, then the connection goes: a server notices a lost connection only when it writes.
    void this.#options.cancel(this.#backend).then(() => this.#end(true));
  }

  async #finish(sql: string): Promise<void> {
    if (this.#hasEnded || this.#isKilled) return;
    try {
      await this.#run(this.#lease.connection.query({ text: sql }));
      this.#end(false);
    } catch (error) {
      if (!this.#isKilled) this.#end(true);
      throw error;
    }
  }

  async #run(work: Promise<unknown>): Promise<unknown> {
    const { timeoutMs } = this.#options;
    const late = (limit: number): NodeJS.Timeout =>
      setTimeout(() => this.kill(timedOut(limit)), limit + Math.min(GRACE_MS, limit));
    const timer = timeoutMs === undefined ? undefined : late(timeoutMs);
    this.#isBusy = true;
    try {
      // Whichever loses the race may fail later, when nobody listens any more.
      work.catch(() => undefined);
      return await Promise.race([work, this.#broken.promise]);
    } catch (error) {
      throw toVecportError(error);
    } finally {
      clearTimeout(timer);
      if (!this.#isKilled) this.#isBusy = false;
    }
  }

  #end(destroy: boolean): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.signal?.removeEventListener('abort', this.#aborted);
    this.#lease.release(destroy);
  }
}

function queryOf(text: string, values: readonly SqlValue[] | undefined): object {
  const config = { text, rowMode: 'array', types: asText };
  return values === undefined ? config : { ...config, values: values.map(parameterOf) };
}

// The client library sends a Buffer in the binary format, and any other array of bytes as JSON.
function parameterOf(value: SqlValue): string | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value;
}

function timedOut(timeoutMs: number): VecportError {
  return new VecportError('timeout', `PostgreSQL did not answer within ${timeoutMs} ms.`, {
    provider: PROVIDER,
    advice: 'Raise the setting `timeout`.',
  });
}
