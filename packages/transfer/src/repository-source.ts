import {
  type Consistency,
  type ExportBatch,
  type Filter,
  type IVectorSearchRepository,
  matchesFilter,
  metadataValue,
  operatorsOf,
  requireCapability,
  type Slice,
  type SlicePlan,
  selectRows,
} from '@vecport/abstractions';
import { type FieldChoice, selectMetadata } from './select-metadata.js';
import type { TransferSource } from './transfer-source.js';

/** What is read of a collection. */
export interface Selection extends FieldChoice {
  readonly filter?: Filter | undefined;
}

/** The whole collection as one slice, for providers that cannot cut it. */
const WHOLE: Slice = { token: 'vecport:whole' };

/**
 * A repository as a source. A filter that the provider cannot evaluate during a full read, though it can in
 * a search, is applied to what it gives (see {@link isFilteredHere}), and so are fields that are left out.
 * @throws VecportError `not-supported` with advice, at once, when the provider cannot export.
 */
export function repositorySource(
  repository: IVectorSearchRepository,
  selection: Selection = {},
  batchSize?: number,
): TransferSource {
  const exporter = requireCapability(repository, 'exportAll');
  const { filter, fields, excludeFields } = selection;
  const own = isFilteredHere(repository, filter) ? filter : undefined;
  return {
    read: ({ slice, after, signal }) => {
      const options = { batchSize, after, signal, slice: sliceAsked(slice) };
      if (own !== undefined) return select(filtered(exporter.exportAll(options), own), { fields, excludeFields });
      return select(exporter.exportAll({ ...options, filter, fields }), { excludeFields });
    },
  };
}

/** The slice as the provider knows it: none where the whole collection is one. */
export function sliceAsked(slice: Slice): Slice | undefined {
  return slice.token === WHOLE.token ? undefined : slice;
}

/** Whether a filter is applied after reading, because the provider's full read does not take it. */
export function isFilteredHere({ traits }: IVectorSearchRepository, filter: Filter | undefined): boolean {
  const { exportFilterOperators } = traits;
  return (
    filter !== undefined &&
    exportFilterOperators !== undefined &&
    !operatorsOf(filter).every((operator) => exportFilterOperators.includes(operator))
  );
}

/** The slices of a collection: the provider's own, or the whole where it has none to give. */
export async function planSlices(
  repository: IVectorSearchRepository,
  count: number,
  { filter }: Selection,
  signal: AbortSignal | undefined,
): Promise<SlicePlan> {
  requireCapability(repository, 'exportAll');
  if (repository.slices === undefined) return { slices: [WHOLE], consistency: unpinned(repository.traits.consistency) };
  if (!isFilteredHere(repository, filter)) return repository.slices(count, { filter, signal });
  const { slices, ...plan } = await repository.slices(count, { signal });
  // How many points of a slice are left, nobody knows before it is read.
  return { ...plan, slices: slices.map(({ token }) => ({ token })) };
}

/** The points for which the filter holds; a batch without any is left out. */
async function* filtered<B extends ExportBatch>(
  batches: AsyncIterable<B>,
  filter: Filter,
): AsyncGenerator<B, void, undefined> {
  for await (const batch of batches) {
    const rows = batch.ids.flatMap((_, row) => (matchesFilter(filter, metadataValue(batch.metadata, row)) ? row : []));
    if (rows.length === 0) continue;
    yield rows.length === batch.ids.length ? batch : { ...batch, ...selectRows(batch, rows) };
  }
}

function select(batches: AsyncIterable<ExportBatch>, choice: FieldChoice): AsyncIterable<ExportBatch> {
  return choice.fields === undefined && choice.excludeFields === undefined ? batches : selected(batches, choice);
}

async function* selected(
  batches: AsyncIterable<ExportBatch>,
  choice: FieldChoice,
): AsyncGenerator<ExportBatch, void, undefined> {
  for await (const batch of batches) yield selectMetadata(batch, choice);
}

/** A snapshot that no slice names is not found again by a later read. */
function unpinned(consistency: Consistency): Consistency {
  return consistency === 'snapshot' ? 'point-in-time' : consistency;
}
