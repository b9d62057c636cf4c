import { randomBytes } from 'node:crypto';
import { type CallOptions, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import type { Database } from './database.js';
import type { Session } from './session.js';

/** How long a snapshot is kept that nobody reads, in milliseconds: it keeps the server from cleaning up. */
const IDLE_MS = 30 * 60_000;

/** A state of the database under a name, kept by a transaction that does nothing. */
interface HeldSnapshot {
  readonly plan: string;
  readonly snapshot: string;
}

/** The snapshots that plans of slices read from. */
export interface Snapshots {
  /** Keep the present state. */
  hold(options: CallOptions): Promise<HeldSnapshot>;
  /** Whether a plan's snapshot is kept here, was kept here, or belongs to another process. */
  state(plan: string): 'held' | 'gone' | 'unknown';
  /** Say that a slice of the plan is being read; the function it gives says that it no longer is. */
  use(plan: string): () => void;
  /** Give a plan's snapshot back; nothing happens when it is gone already. */
  release(plan: string): Promise<void>;
  /** The error for a plan whose snapshot is gone. */
  expired(): VecportError;
}

interface Holder extends HeldSnapshot {
  readonly session: Session;
  readers: number;
  lastUsed: number;
  timer: NodeJS.Timeout | undefined;
}

/** Snapshots of a database, none yet. One too many ends the one that was read longest ago. They all end with the database. */
export function createSnapshots(database: Database): Snapshots {
  const holders = new Map<string, Holder>();
  const gone = new Set<string>();
  const release = async (plan: string): Promise<void> => {
    const holder = holders.get(plan);
    if (holder === undefined) return;
    holders.delete(plan);
    gone.add(plan);
    clearTimeout(holder.timer);
    await holder.session.rollback();
  };
  const rest = (holder: Holder): void => {
    clearTimeout(holder.timer);
    holder.lastUsed = performance.now();
    holder.timer = setTimeout(() => void release(holder.plan), IDLE_MS);
    holder.timer.unref();
  };
  const makeRoom = async (): Promise<void> => {
    const idle = [...holders.values()].filter(({ readers }) => readers === 0);
    const oldest = idle.toSorted((left, right) => left.lastUsed - right.lastUsed)[0];
    if (holders.size < database.maxSnapshots) return;
    if (oldest === undefined) throw tooMany(database.maxSnapshots);
    await release(oldest.plan);
  };
  return {
    hold: async ({ signal }) => {
      await makeRoom();
      // It outlives the call, so the call's signal is only asked, not followed.
      signal?.throwIfAborted();
      const session = await database.begin({ isQueued: false });
      const [row] = await session.query('SELECT pg_catalog.pg_export_snapshot()');
      const holder: Holder = {
        plan: randomBytes(8).toString('hex'),
        snapshot: row?.[0] ?? '',
        session,
        readers: 0,
        lastUsed: 0,
        timer: undefined,
      };
      holders.set(holder.plan, holder);
      rest(holder);
      return holder;
    },
    state: (plan) => (holders.has(plan) ? 'held' : gone.has(plan) ? 'gone' : 'unknown'),
    use: (plan) => {
      const holder = holders.get(plan);
      if (holder === undefined) return () => undefined;
      holder.readers += 1;
      clearTimeout(holder.timer);
      return () => {
        holder.readers -= 1;
        if (holder.readers === 0 && holders.has(plan)) rest(holder);
      };
    },
    release,
    expired: () =>
      new VecportError(
        'expired',
        'The snapshot of these slices is gone: it was released, or the server ended its transaction.',
        {
          provider: PROVIDER,
          advice: 'Plan again. A store opened anew reads the same ranges of the table as it is then.',
        },
      ),
  };
}

function tooMany(limit: number): VecportError {
  return new VecportError('unavailable', `Slices of ${limit} plans are being read, and no more snapshots are kept.`, {
    provider: PROVIDER,
    advice: 'Read one of them to the end, or release it.',
  });
}
