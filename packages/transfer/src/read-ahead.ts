/** Permission to have one more item in memory. */
export interface Ticket<T> {
  /** The item came; `undefined` when there was none left. */
  arrived(item: T | undefined): void;
  /** The item is no longer needed, or it never came. Called once. */
  done(): void;
}

/** Decides when the next item may be asked for. */
export interface ReadGate<T> {
  /** Resolves when one more item may be asked for. @throws the signal's reason when it is aborted. */
  enter(signal: AbortSignal): Promise<Ticket<T>>;
}

interface Step<T> {
  readonly result: IteratorResult<T, unknown>;
  readonly ticket: Ticket<T> | undefined;
}

/**
 * The same items, with the next one already asked for while the current one is being worked on, as soon as the gate
 * lets it. Leaving the loop early waits for that request and then closes the source. `signal` ends waiting at the gate.
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  gate?: ReadGate<T>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const left = new AbortController();
  const stop = signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]);
  let current: Ticket<T> | undefined;
  let next = ask(iterator, gate, stop);
  let open = true;
  try {
    for (;;) {
      const { result, ticket } = await next;
      if (result.done === true) {
        open = false;
        return;
      }
      current = ticket;
      next = ask(iterator, gate, stop);
      // Observed at the next turn; marked as handled so that a failure in between is not reported twice.
      next.catch(() => {});
      yield result.value;
      current?.done();
      current = undefined;
    }
  } catch (error) {
    open = false;
    // What failed first is the error to report.
    await Promise.resolve(iterator.return?.()).catch(() => {});
    throw error;
  } finally {
    current?.done();
    left.abort();
    if (open) {
      await next.then(
        ({ ticket }) => ticket?.done(),
        () => {},
      );
      await iterator.return?.();
    }
  }
}

/** The next item. The ticket of the last step, which has none, is given back at once. */
async function ask<T>(
  iterator: AsyncIterator<T>,
  gate: ReadGate<T> | undefined,
  signal: AbortSignal,
): Promise<Step<T>> {
  const ticket = gate === undefined ? undefined : await gate.enter(signal);
  try {
    const result = await iterator.next();
    ticket?.arrived(result.done === true ? undefined : result.value);
    if (result.done === true) ticket?.done();
    return { result, ticket };
  } catch (error) {
    ticket?.done();
    throw error;
  }
}
