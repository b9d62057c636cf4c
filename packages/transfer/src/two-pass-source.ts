import {
  type IVectorSearchRepository,
  matchesFilter,
  metadataValue,
  requireCapability,
  selectRows,
  VecportError,
  type VectorBatch,
  type VectorId,
} from '@vecport/abstractions';
import { isFilteredHere, type Selection, sliceAsked } from './repository-source.js';
import { type RetrieveOptions, retrieveInOrder } from './retrieve-in-order.js';
import { selectMetadata } from './select-metadata.js';
import type { SourceBatch, TransferSource } from './transfer-source.js';

/** How both passes are done; none of it changes what comes. */
export interface TwoPassOptions extends RetrieveOptions {
  /** Ids a page of the first pass; the provider's own number if not said. */
  readonly batchSize?: number | undefined;
}

/** After the cursor `after` of the first pass, `skip` more ids. */
interface Place {
  readonly after?: string | undefined;
  readonly skip: number;
}

/**
 * A repository read in two passes, page by page: the first asks for a page of ids, the second gets their points, several
 * requests at a time and in the order of the ids. An id that is gone by then is `missing`. For providers that give
 * whole points slowly in a full read and quickly by id.
 * @throws VecportError `not-supported` with advice, at once, when the provider cannot export.
 */
export function twoPassSource(
  repository: IVectorSearchRepository,
  selection: Selection,
  options: TwoPassOptions,
): TransferSource {
  const exporter = requireCapability(repository, 'exportAll');
  const { filter } = selection;
  const own = isFilteredHere(repository, filter) ? filter : undefined;
  const keep = (batch: VectorBatch): VectorBatch => {
    const rows =
      own === undefined
        ? undefined
        : batch.ids.flatMap((_, row) => (matchesFilter(own, metadataValue(batch.metadata, row)) ? row : []));
    return selectMetadata(rows === undefined ? batch : selectRows(batch, rows), selection);
  };
  const pass = { fields: [], vectors: 'none', batchSize: options.batchSize } as const;
  return {
    read: ({ slice, after, signal }) => {
      const place = parsePlace(after);
      const pages = exporter.exportAll({
        ...pass,
        filter: own === undefined ? filter : undefined,
        slice: sliceAsked(slice),
        after: place.after,
        signal,
      });
      return readTwice(repository, pages, place, { ...options, keep, signal });
    },
  };
}

interface SecondPass extends RetrieveOptions {
  keep(batch: VectorBatch): VectorBatch;
}

interface IdPage {
  readonly ids: readonly VectorId[];
  readonly cursor: string;
}

async function* readTwice(
  repository: IVectorSearchRepository,
  pages: AsyncIterable<IdPage>,
  start: Place,
  { keep, signal, ...options }: SecondPass,
): AsyncGenerator<SourceBatch, void, undefined> {
  let { after, skip } = start;
  let exported = 0;
  /** Ids of earlier pages since `after`. */
  let before = 0;
  for await (const { ids, cursor } of pages) {
    // The place may be beyond this page, when pages were larger in the run it comes from.
    let done = Math.min(skip, ids.length);
    skip -= done;
    for await (const answer of retrieveInOrder(repository, ids.slice(done), { ...options, signal })) {
      done += answer.asked;
      const batch = keep(answer.batch);
      exported += batch.ids.length;
      yield {
        ...batch,
        cursor: placeText(done === ids.length ? { after: cursor, skip: 0 } : { after, skip: before + done }),
        progress: { exported },
        missing: answer.missing,
      };
    }
    before = skip === 0 ? 0 : before + ids.length;
    if (skip === 0) after = cursor;
  }
}

function placeText({ after, skip }: Place): string {
  return JSON.stringify(after === undefined ? [skip] : [skip, after]);
}

function parsePlace(text: string | undefined): Place {
  if (text === undefined) return { skip: 0 };
  const value: unknown = parsed(text);
  if (Array.isArray(value) && Number.isSafeInteger(value[0]) && value[0] >= 0) {
    const after: unknown = value[1];
    if (after === undefined || typeof after === 'string') return { skip: Number(value[0]), after };
  }
  throw new VecportError('corrupt-data', `'${text}' is not a place in a read of two passes.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
