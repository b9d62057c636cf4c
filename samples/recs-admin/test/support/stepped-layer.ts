import type { ExportBatch, ExportOptions } from '@vecport/abstractions';
import type { RepositoryLayer } from '@vecport/core';

/** A layer whose exports give a batch for each step that was allowed, and stop when they are aborted. */
export function steppedLayer(): { readonly layer: RepositoryLayer; readonly step: (batches?: number) => void } {
  let allowed = 0;
  let wake = (): void => {};
  const turn = async (signal: AbortSignal | undefined): Promise<void> => {
    signal?.addEventListener('abort', () => wake());
    while (allowed === 0) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    allowed -= 1;
  };
  const layer: RepositoryLayer = ({ exportAll, ...rest }) => {
    if (exportAll === undefined) return rest;
    const stepped = async function* (options: ExportOptions = {}): AsyncGenerator<ExportBatch> {
      for await (const batch of exportAll(options)) {
        await turn(options.signal);
        yield batch;
      }
    };
    return { ...rest, exportAll: stepped };
  };
  const step = (batches = 1): void => {
    allowed += batches;
    wake();
  };
  return { layer, step };
}
