import type { ExportBatch, ExportOptions } from '@vecport/abstractions';
import type { Elastic } from './client.js';
import { ExportRun } from './export-run.js';
import type { IndexLayout } from './layout.js';

/** Points a page has when nobody asks. */
export const DEFAULT_BATCH_SIZE = 1000;
/** Elasticsearch's `index.max_result_window`. */
export const MAX_BATCH_SIZE = 10_000;

/**
 * Every point of one state of the index, in the order of their last writes. The state is held by a point in time
 * (or a scroll), closed at the end unless it belongs to a slice plan. When it expires, a read goes on in another as long as
 * nothing was written since.
 * @throws VecportError `expired` where something was; `incomplete` when the server gave fewer points than it counted.
 */
export async function* exportIndex(
  elastic: Elastic,
  layout: IndexLayout,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal } = options;
  signal?.throwIfAborted();
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const run = new ExportRun(elastic, layout, {
    ...options,
    batchSize: options.batchSize ?? DEFAULT_BATCH_SIZE,
    signal: either,
  });
  try {
    for (let batch = await run.next(); batch !== undefined; batch = await run.next()) {
      yield batch;
      signal?.throwIfAborted();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    // A page that is read ahead is wanted by nobody any more.
    stop.abort();
    await run.close();
  }
}
