import {
  type Consistency,
  type ExportBatch,
  type Filter,
  type IVectorSearchRepository,
  type MetadataColumn,
  matchesFilter,
  metadataFromTexts,
  metadataText,
  metadataValue,
  operatorsOf,
  requireCapability,
  type Slice,
  type SlicePlan,
  selectFields,
  selectRows,
} from '@vecport/abstractions';
import type { TransferSource } from './transfer-source.js';

/** What is read of a collection. */
export interface Selection {
  readonly filter?: Filter | undefined;
  /** Keep only these top-level metadata fields. */
  readonly fields?: readonly string[] | undefined;
}

/** The whole collection as one slice, for providers that cannot cut it. */
const WHOLE: Slice = { token: 'vecport:whole' };

/**
 * A repository as a source. A filter that the provider cannot evaluate during a full read, though it can in
 * a search, is applied to what it gives (see {@link isFilteredHere}).
 * @throws VecportError `not-supported` with advice, at once, when the provider cannot export.
 */
export function repositorySource(
  repository: IVectorSearchRepository,
  selection: Selection = {},
  batchSize?: number,
): TransferSource {
  const exporter = requireCapability(repository, 'exportAll');
  const { filter, fields } = selection;
  const own = isFilteredHere(repository, filter) ? filter : undefined;
  return {
    read: ({ slice, after, signal }) => {
      const options = { batchSize, after, signal, slice: slice.token === WHOLE.token ? undefined : slice };
      if (own === undefined) return exporter.exportAll({ ...options, filter, fields });
      return filtered(exporter.exportAll(options), own, fields);
    },
  };
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

async function* filtered(
  batches: AsyncIterable<ExportBatch>,
  filter: Filter,
  fields: readonly string[] | undefined,
): AsyncGenerator<ExportBatch, void, undefined> {
  for await (const batch of batches) {
    const rows = batch.ids.flatMap((_, row) => (matchesFilter(filter, metadataValue(batch.metadata, row)) ? row : []));
    if (rows.length === 0) continue;
    const kept = rows.length === batch.ids.length ? batch : { ...batch, ...selectRows(batch, rows) };
    yield fields === undefined
      ? kept
      : { ...kept, metadata: onlyFields(kept.metadata, kept.ids.length, new Set(fields)) };
  }
}

function onlyFields(metadata: MetadataColumn, rows: number, fields: ReadonlySet<string>): MetadataColumn {
  return metadataFromTexts(
    Array.from({ length: rows }, (_, row) => {
      const text = metadataText(metadata, row);
      return text === undefined ? undefined : selectFields(text, fields);
    }),
  );
}

/** A snapshot that no slice names is not found again by a later read. */
function unpinned(consistency: Consistency): Consistency {
  return consistency === 'snapshot' ? 'point-in-time' : consistency;
}
