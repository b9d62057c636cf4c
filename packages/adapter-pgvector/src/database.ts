import { type CallOptions, isVecportError } from '@vecport/abstractions';
import { retryRead } from '@vecport/wire';
import type { Connections } from './client.js';
import type { CallConfig } from './config.js';
import { firstPrelude, preludeOf } from './prelude.js';
import { readServerFacts, type ServerFacts } from './server-facts.js';
import type { Session } from './session.js';
import { Transactions } from './transactions.js';

/** A transaction that lasts: an export, or one that keeps a snapshot. */
interface LongOptions extends CallOptions {
  /** See the state another transaction exported under this name. */
  readonly snapshot?: string | undefined;
  /** It waits for one of the places of exports. */
  readonly isQueued: boolean;
}

/** A database and the transactions in it. */
export interface Database {
  readonly facts: ServerFacts;
  readonly config: CallConfig;
  /** Snapshots that may be kept at the same time. */
  readonly maxSnapshots: number;
  /** Run work in one transaction that only reads; again while the server is unavailable. */
  read<T>(options: CallOptions, work: (session: Session) => Promise<T>): Promise<T>;
  /** Run work in one transaction, once. */
  write<T>(options: CallOptions, work: (session: Session) => Promise<T>): Promise<T>;
  /** Begin a transaction that only reads and has no time limit. The caller ends it. */
  begin(options: LongOptions): Promise<Session>;
  /** Say that an export goes on. */
  moved(): void;
  /** Cut off all transactions and close the connections. */
  close(): Promise<void>;
}

/** How often a read is tried. */
const ATTEMPTS = 4;

/**
 * Connect for real and ask the server what it is.
 * @throws VecportError `unavailable`, `unauthorized`, …; `not-supported` where pgvector is not installed.
 */
export async function openDatabase(
  connections: Connections,
  config: CallConfig,
  signal: AbortSignal | undefined,
): Promise<Database> {
  const transactions = new Transactions(connections, config);
  const { timeoutMs } = config;
  const facts = await transactions.run(firstPrelude(timeoutMs), { signal }, readServerFacts);
  return {
    facts,
    config,
    maxSnapshots: connections.limits.snapshots,
    moved: () => transactions.moved(),
    read: async (options, work) => {
      const prelude = preludeOf({ mode: 'read', timeoutMs }, facts);
      return tryAgain(transactions, options, async () => transactions.run(prelude, options, work));
    },
    write: async (options, work) => transactions.run(preludeOf({ mode: 'write', timeoutMs }, facts), options, work),
    begin: async ({ snapshot, isQueued, signal: wanted }) =>
      transactions.begin({
        prelude: preludeOf({ mode: 'read', timeoutMs: 0, snapshot }, facts),
        signal: wanted,
        isLong: true,
        queue: isQueued ? 'exports' : undefined,
      }),
    close: async () => transactions.close(),
  };
}

// A call that took too long would take too long again, and a store that was closed stays so.
async function tryAgain<T>(transactions: Transactions, { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
  const outcome = await retryRead(
    async () =>
      work().then(
        (value) => ({ value }),
        (error: unknown) => {
          if (transactions.isClosed || (isVecportError(error) && error.code === 'timeout')) return { error };
          throw error;
        },
      ),
    { signal, attempts: ATTEMPTS },
  );
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
