import { type ExportBatch, emptyMetadata, sliceBatch } from '@vecport/abstractions';
import type { RepositoryLayer } from '@vecport/core';
import { breakExport } from './break-collection.js';

/** Loses the first point of every page but the first. */
export const pageBorderSkipped = breakExport(async function* (readAll, options) {
  let pages = 0;
  for await (const batch of readAll(options)) {
    const start = pages++ === 0 ? 0 : 1;
    if (batch.ids.length > start) yield { ...batch, ...sliceBatch(batch, start, batch.ids.length) };
  }
});

/** Gives the first page twice. */
export const firstPageTwice = breakExport(async function* (readAll, options) {
  let pages = 0;
  for await (const batch of readAll(options)) {
    yield batch;
    if (pages++ === 0) yield batch;
  }
});

/** An iterator without `return`: leaving the loop is not noticed. */
export const cursorLeftOpen = breakExport((readAll, options) => ({
  [Symbol.asyncIterator]: () => {
    const iterator = readAll(options)[Symbol.asyncIterator]();
    return { next: async () => iterator.next() };
  },
}));

/** Gives the last point before the cursor again. */
export const resumeRepeatsOne = breakExport(async function* (readAll, options) {
  const { after, ...rest } = options;
  if (after === undefined) {
    yield* readAll(rest);
    return;
  }
  let reached = false;
  for await (const batch of readAll({ ...rest, batchSize: 1 })) {
    reached ||= batch.cursor === after;
    if (reached) yield batch;
  }
});

/** Pages twice as large as asked for. */
export const largerBatches = breakExport((readAll, options) =>
  readAll(options.batchSize === undefined ? options : { ...options, batchSize: options.batchSize * 2 }),
);

/** A page without points after each page, as filtered scans give. */
export const emptyBatches = breakExport(async function* (readAll, options) {
  for await (const batch of readAll(options)) {
    yield batch;
    yield { ...batch, ids: [], vectors: {}, metadata: emptyMetadata(0) };
  }
});

/** A decorator that reports an abort as an error of its own. */
export const abortsWrapped: RepositoryLayer = (repository) => {
  const exportAll = repository.exportAll?.bind(repository);
  if (exportAll === undefined) return repository;
  return {
    ...repository,
    exportAll: async function* (options): AsyncGenerator<ExportBatch, void, undefined> {
      try {
        yield* exportAll(options);
      } catch (cause) {
        throw new Error('The export failed.', { cause });
      }
    },
  };
};
