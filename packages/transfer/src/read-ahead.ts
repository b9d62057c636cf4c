/**
 * The same items, with the next one already asked for while the current one is being worked on.
 * Leaving the loop early waits for that request and then closes the source.
 */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  let finished = false;
  try {
    for (;;) {
      const result = await next;
      if (result.done === true) {
        finished = true;
        return;
      }
      next = iterator.next();
      // Observed at the next turn; marked as handled so that a failure in between is not reported twice.
      next.catch(() => {});
      yield result.value;
    }
  } catch (error) {
    finished = true;
    throw error;
  } finally {
    if (!finished) {
      await next.catch(() => {});
      await iterator.return?.();
    }
  }
}
