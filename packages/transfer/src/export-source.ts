import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import type { RetryPolicy } from './backoff.js';
import { batchGate, type ExpectedPage } from './batch-gate.js';
import { assumedRowBytes, type CollectionPlan, type ReadMode } from './export-plan.js';
import type { ExportRun } from './export-run.js';
import { finiteSource } from './finite-source.js';
import { idListSource } from './id-list.js';
import { layoutSource } from './layout-source.js';
import type { ReadGate } from './read-ahead.js';
import { repositorySource } from './repository-source.js';
import { DEFAULT_RETRIEVE_BATCH, type RetrieveOptions } from './retrieve-in-order.js';
import { retryingSource } from './retrying-source.js';
import type { SourceBatch, TransferSource } from './transfer-source.js';
import { transformedSource } from './transform.js';
import { twoPassSource } from './two-pass-source.js';

/** What the source of a unit is made of. */
export interface ExportSourceRequest {
  readonly repository: IVectorSearchRepository;
  readonly collection: CollectionPlan;
  readonly run: ExportRun;
  /** Slices of the unit that are read at the same time. */
  readonly slices: number;
  readonly retry: RetryPolicy;
}

/**
 * The points of a unit as its plan wants them: read in one pass, in two, or by a list of ids; again after errors that
 * may go away; and transformed.
 */
export function exportSource(request: ExportSourceRequest): TransferSource {
  const { collection, run, retry } = request;
  const source = retryingSource(plainSource(request), retry);
  const changed = run.transform === undefined ? source : transformedSource(source, run.transform, collection.schema);
  const finite = collection.selection.nonFinite === 'quarantine' ? finiteSource(changed) : changed;
  const { layout, keyField } = run.keeper.plan;
  return layout === undefined ? finite : layoutSource(finite, collection.schema, keyField);
}

/** The gate of each slice of a unit. */
export function exportGate({ repository, collection, run }: ExportSourceRequest): () => ReadGate<SourceBatch> {
  const first = expectedPage(repository, collection, run);
  return () => batchGate(run.limits, first);
}

function plainSource({ repository, collection, run, slices }: ExportSourceRequest): TransferSource {
  const { selection } = collection;
  const batchSize = pageRows(run, selection.limit);
  const retrieve: RetrieveOptions = {
    size: Math.min(run.retrieveBatch ?? DEFAULT_RETRIEVE_BATCH, selection.limit ?? Number.POSITIVE_INFINITY),
    concurrent: Math.max(1, Math.ceil(run.parallel / slices)),
    maxBytes: run.maxMemory / slices / 2,
  };
  if (selection.ids !== undefined) {
    if (run.ids?.length !== selection.ids.count)
      throw new VecportError('invalid-argument', 'The list of ids is not given.');
    return idListSource(repository, run.ids, selection, retrieve);
  }
  return run.keeper.plan.read === 'two-pass'
    ? twoPassSource(repository, selection, { batchSize, ...retrieve })
    : repositorySource(repository, selection, batchSize);
}

/** Of few points no large page is asked for. */
function pageRows({ batchSize }: ExportRun, limit: number | undefined): number | undefined {
  return limit === undefined ? batchSize : Math.min(batchSize ?? limit, limit);
}

function expectedPage(repository: IVectorSearchRepository, collection: CollectionPlan, run: ExportRun): ExpectedPage {
  const byId = collection.selection.ids !== undefined || isTwoPass(run.keeper.plan.read);
  const rows = byId
    ? (run.retrieveBatch ?? DEFAULT_RETRIEVE_BATCH)
    : (run.batchSize ?? repository.traits.defaultBatchSize);
  return { rows, bytes: rows * assumedRowBytes(collection.description) };
}

function isTwoPass(read: ReadMode | undefined): boolean {
  return read === 'two-pass';
}
