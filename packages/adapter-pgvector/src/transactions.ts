import { type CallOptions, raceSignal, VecportError } from '@vecport/abstractions';
import type { Connections, Lease } from './client.js';
import { type CallConfig, PROVIDER } from './config.js';
import { Session } from './session.js';
import { createSlots, type Slots } from './slots.js';

/** How a transaction is begun. */
export interface BeginOptions extends CallOptions {
  readonly prelude: string;
  /** It may last: the connection is not one of those for calls, and its queries have no time limit. */
  readonly isLong: boolean;
  /** Whose places it waits for; nobody's if not said. */
  readonly queue?: 'calls' | 'exports' | undefined;
}

/** Longest wait until a server was told to stop a query. */
const CANCEL_WAIT_MS = 2000;

/** All transactions of a store. */
export class Transactions {
  readonly #connections: Connections;
  readonly #timeoutMs: number;
  readonly #slots: Readonly<Record<'calls' | 'exports', Slots>>;
  readonly #open = new Set<Session>();
  readonly #cancelling = new Set<Promise<void>>();
  #isClosed = false;

  constructor(connections: Connections, { timeoutMs }: CallConfig) {
    this.#connections = connections;
    this.#timeoutMs = timeoutMs;
    this.#slots = {
      calls: createSlots('calls', connections.limits.calls, timeoutMs),
      exports: createSlots('exports', connections.limits.exports, timeoutMs),
    };
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begin one. The caller ends it. */
  async begin({ signal, prelude, isLong, queue }: BeginOptions): Promise<Session> {
    this.#refuseClosed();
    signal?.throwIfAborted();
    const free = queue === undefined ? () => undefined : await this.#slots[queue].take(signal);
    try {
      const lease = await unlessAborted(isLong ? this.#connections.leaseLong() : this.#connections.lease(), signal);
      const ended = (destroy: boolean): void => {
        lease.release(destroy);
        free();
        if (session !== undefined) this.#open.delete(session);
      };
      let session: Session | undefined;
      session = await Session.begin(
        { connection: lease.connection, release: ended },
        {
          signal,
          prelude,
          timeoutMs: isLong ? undefined : this.#timeoutMs,
          copyTo: this.#connections.copyTo,
          cancel: async (backend) => this.#cancel(backend),
        },
      );
      this.#open.add(session);
      if (this.#isClosed) session.kill(closed());
      return session;
    } catch (error) {
      free();
      throw error;
    }
  }

  /** Run work in one, which lasts when the work does not throw. */
  async run<T>(prelude: string, { signal }: CallOptions, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.begin({ prelude, signal, isLong: false, queue: 'calls' });
    try {
      const result = await work(session);
      await session.commit();
      return result;
    } catch (error) {
      await session.rollback();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** Say that an export goes on. */
  moved(): void {
    this.#slots.exports.moved();
  }

  /** Cut off all of them and close the connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const session of this.#open) session.kill(closed());
    await Promise.all(this.#cancelling);
    await this.#connections.close();
  }

  async #cancel(backend: string): Promise<void> {
    const told = cancelBackend(this.#connections, backend);
    this.#cancelling.add(told);
    await told;
    this.#cancelling.delete(told);
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw closed();
  }
}

async function cancelBackend(connections: Connections, backend: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    resolve();
  }, CANCEL_WAIT_MS);
  const tell = async (): Promise<void> => {
    const lease = await connections.leaseLong();
    try {
      // By then the number may be that of somebody else's.
      if (isLate) return;
      await lease.connection.query({ text: 'SELECT pg_catalog.pg_cancel_backend($1)', values: [backend] });
    } finally {
      lease.release(false);
    }
  };
  // The connection is cut anyhow: a server that cannot be told notices it when it writes.
  tell().then(resolve, () => resolve());
  await promise;
  clearTimeout(timer);
}

async function unlessAborted(leased: Promise<Lease>, signal: AbortSignal | undefined): Promise<Lease> {
  try {
    return await raceSignal(leased, signal);
  } catch (error) {
    // It may still come, and then nobody wants it.
    leased.then(
      (lease) => lease.release(false),
      () => undefined,
    );
    throw error;
  }
}

function closed(): VecportError {
  return new VecportError('unavailable', 'The store was closed.', { provider: PROVIDER, advice: 'Open it again.' });
}
