import { createBackoff, type RetryPolicy } from './backoff.js';
import type { ReadOptions, SourceBatch, TransferSource } from './transfer-source.js';

/**
 * The same points in the same order, read on after the last batch that came when the source fails with an error that
 * may go away by itself. Every batch makes the next failure the first one again, so that a long read is not ended by
 * the sum of its small troubles.
 */
export function retryingSource(source: TransferSource, policy: RetryPolicy): TransferSource {
  return { read: (options) => readOn(source, options, policy) };
}

async function* readOn(
  source: TransferSource,
  options: ReadOptions,
  policy: RetryPolicy,
): AsyncGenerator<SourceBatch, void, undefined> {
  const backoff = createBackoff(policy);
  let { after } = options;
  for (;;) {
    try {
      for await (const batch of source.read({ ...options, after })) {
        backoff.reset();
        after = batch.cursor;
        yield batch;
      }
      return;
    } catch (error) {
      await backoff.wait(error, options.signal);
    }
  }
}
