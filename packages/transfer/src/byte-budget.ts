/** Room taken in a {@link ByteBudget}. */
interface Reservation {
  /** It takes more or less room than was asked for. Never waits. */
  resize(bytes: number): void;
  /** Give the room back. Does nothing the second time. */
  release(): void;
}

/**
 * A number of bytes shared by all that keep batches in memory. Room is given in the order it was asked for: when it
 * fits, or when nothing else is in memory, so that a batch larger than the budget passes alone. Whoever holds room
 * must be able to finish without more of it; then nobody waits for ever.
 */
export interface ByteBudget {
  /** Wait for room. @throws the signal's reason when it is aborted. */
  reserve(bytes: number, signal: AbortSignal | undefined): Promise<Reservation>;
  /** Bytes that are taken. More than the budget while a batch is larger than was expected of it. */
  readonly taken: number;
}

interface Waiting {
  readonly bytes: number;
  grant(reservation: Reservation): void;
}

/** An empty {@link ByteBudget}. */
export function createByteBudget(maxBytes: number): ByteBudget {
  let taken = 0;
  let holders = 0;
  const queue: Waiting[] = [];

  const take = (asked: number): Reservation => {
    let bytes = asked;
    let held = true;
    taken += bytes;
    holders++;
    return {
      resize: (actual) => {
        if (!held) return;
        taken += actual - bytes;
        bytes = actual;
        grantNext();
      },
      release: () => {
        if (!held) return;
        held = false;
        taken -= bytes;
        holders--;
        grantNext();
      },
    };
  };
  const fits = (bytes: number): boolean => holders === 0 || taken + bytes <= maxBytes;
  const grantNext = (): void => {
    for (let next = queue[0]; next !== undefined && fits(next.bytes); next = queue[0]) {
      queue.shift();
      next.grant(take(next.bytes));
    }
  };

  return {
    get taken() {
      return taken;
    },
    reserve: async (bytes, signal) => {
      signal?.throwIfAborted();
      if (queue.length === 0 && fits(bytes)) return take(bytes);
      const granted = await new Promise<Reservation | undefined>((resolve) => {
        const waiting: Waiting = {
          bytes,
          grant: (reservation) => {
            signal?.removeEventListener('abort', onAbort);
            resolve(reservation);
          },
        };
        const onAbort = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          resolve(undefined);
          grantNext();
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(waiting);
      });
      if (granted !== undefined) return granted;
      signal?.throwIfAborted();
      throw new Error('A reservation was neither granted nor aborted.');
    },
  };
}
