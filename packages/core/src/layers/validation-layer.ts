import {
  batchBytes,
  type CallOptions,
  type CollectionDescription,
  type ExportBatch,
  type ExportOptions,
  type FilterOperator,
  type IVectorSearchRepository,
  isVecportError,
  VecportError,
  type VectorBatch,
  type VectorTraits,
  type WriteFailure,
  type WriteReport,
} from '@vecport/abstractions';
import { toBatch, writeMethods } from '../write-methods.js';
import { checkColumns, checkVectors, keepWritable } from './check-batch.js';
import { checkIds, describeIdProblem, idProblem } from './check-ids.js';
import { checkFilter, checkInteger, checkQueryShape, checkQueryVector } from './check-query.js';
import { splitBatch } from './split-batch.js';

/**
 * Checks arguments before the provider sees them, and splits writes by its limits. After it a driver
 * may rely on what `CollectionDriver` promises its author.
 *
 * A wrong call throws. A single point that cannot be written (its id does not fit, or it is larger
 * than a whole request) is an entry of `WriteReport.failed`; the others are written. Of points with
 * the same id in one call the last is written, and `accepted` counts it once. The description that
 * dimensions are checked against is read at the first need and again when something does not fit.
 */
export function validationLayer(inner: IVectorSearchRepository): IVectorSearchRepository {
  const { traits } = inner;
  const fits = checkAgainstDescription(inner);
  const exportAll = inner.exportAll?.bind(inner);
  const slices = inner.slices?.bind(inner);
  const releaseSlices = inner.releaseSlices?.bind(inner);
  const revision = inner.revision?.bind(inner);
  const bulkLoad = inner.bulkLoad?.bind(inner);
  return {
    ...inner,
    describe: async (options) => inner.describe(started(options)),
    count: async (filter, options) => inner.count(checkFilter(filter, traits), started(options)),
    get: async (ids, options) => inner.get(checkIds(ids, traits), started(options)),
    search: async (query, options) => {
      const checked = checkQueryShape(query, traits);
      await fits(started(options), (description) => checkQueryVector(checked, description));
      return inner.search(checked, started(options));
    },
    ...writeMethods({
      upsertMany: async (points, options) => {
        const given = toBatch(points);
        checkColumns(given);
        const { batch, failed } = keepWritable(given, traits);
        if (batch.ids.length === 0) return { accepted: 0, failed };
        const checked = await fits(started(options), (description) => checkVectors(batch, description));
        return writeParts(inner, checked, failed, options);
      },
      deleteMany: async (ids, options) => deleteParts(inner, ids, options),
    }),
    ...(exportAll && { exportAll: (options) => checkedExport(inner, exportAll, options) }),
    ...(slices && {
      slices: async (count, options = {}) => {
        checkInteger('count', count, 1, Number.MAX_SAFE_INTEGER);
        return slices(count, {
          ...started(options),
          filter: checkFilter(options.filter, traits, exportOperators(traits)),
        });
      },
    }),
    ...(releaseSlices && { releaseSlices: async (plan, options) => releaseSlices(plan, started(options)) }),
    ...(revision && { revision: async (options) => revision(started(options)) }),
    ...(bulkLoad && { bulkLoad: async (options) => bulkLoad(started(options)) }),
  };
}

type Fits = <T>(options: CallOptions, check: (description: CollectionDescription) => T) => Promise<T>;

function checkAgainstDescription(inner: IVectorSearchRepository): Fits {
  let known: CollectionDescription | undefined;
  return async (options, check) => {
    if (known !== undefined) {
      try {
        return check(known);
      } catch (error) {
        if (!isVecportError(error)) throw error;
      }
    }
    known = await inner.describe(options);
    return check(known);
  };
}

function started<O extends CallOptions>(options: O | undefined): O | CallOptions {
  options?.signal?.throwIfAborted();
  return options ?? {};
}

async function writeParts(
  inner: IVectorSearchRepository,
  batch: VectorBatch,
  rejected: readonly WriteFailure[],
  options: CallOptions | undefined,
): Promise<WriteReport> {
  const { maxWriteBytes } = inner.traits;
  const reports: WriteReport[] = [{ accepted: 0, failed: rejected }];
  for (const part of splitBatch(batch, inner.traits)) {
    const bytes = part.ids.length === 1 ? batchBytes(part) : 0;
    if (bytes > maxWriteBytes) reports.push(tooLarge(part.ids[0] ?? '', bytes, maxWriteBytes));
    else reports.push(await inner.upsertMany(part, started(options)));
  }
  return merged(reports);
}

async function deleteParts(
  inner: IVectorSearchRepository,
  ids: readonly string[],
  options: CallOptions | undefined,
): Promise<WriteReport> {
  const failed = ids.flatMap((id) => idFailure(inner, id));
  const wrong = new Set(failed.map((failure) => failure.id));
  const good = [...new Set(ids)].filter((id) => !wrong.has(id));
  const reports: WriteReport[] = [{ accepted: 0, failed }];
  for (let start = 0; start < good.length; start += inner.traits.maxWritePoints) {
    const part = good.slice(start, start + inner.traits.maxWritePoints);
    reports.push(await inner.deleteMany(part, started(options)));
  }
  return merged(reports);
}

async function* checkedExport(
  inner: IVectorSearchRepository,
  exportAll: (options?: ExportOptions) => AsyncIterable<ExportBatch>,
  options: ExportOptions = {},
): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal, batchSize, fields } = options;
  if (batchSize !== undefined) checkInteger('batchSize', batchSize, 1, inner.traits.maxBatchSize);
  if (fields?.some((field) => typeof field !== 'string' || field === '') === true) {
    throw new VecportError('invalid-argument', 'fields holds something that is not the name of a metadata field.');
  }
  const checked = { ...options, filter: checkFilter(options.filter, inner.traits, exportOperators(inner.traits)) };
  signal?.throwIfAborted();
  for await (const batch of exportAll(checked)) {
    signal?.throwIfAborted();
    yield batch;
    signal?.throwIfAborted();
  }
}

function exportOperators({ exportFilterOperators, filterOperators }: VectorTraits): readonly FilterOperator[] {
  return exportFilterOperators ?? filterOperators;
}

function idFailure(inner: IVectorSearchRepository, id: string): readonly WriteFailure[] {
  const problem = idProblem(id, inner.traits);
  return problem === undefined ? [] : [{ id, code: 'invalid-argument', reason: describeIdProblem(id, problem) }];
}

function tooLarge(id: string, bytes: number, limit: number): WriteReport {
  const reason = `The point '${id}' has ${bytes} bytes; the provider takes ${limit} in a request.`;
  return { accepted: 0, failed: [{ id, code: 'invalid-argument', reason }] };
}

function merged(reports: readonly WriteReport[]): WriteReport {
  return {
    accepted: reports.reduce((sum, report) => sum + report.accepted, 0),
    failed: reports.flatMap((report) => report.failed),
  };
}
