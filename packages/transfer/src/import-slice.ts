import { VecportError } from '@vecport/abstractions';
import { chosenCollections, loadOf } from './import-dataset.js';
import type { ImportRequest } from './import-request.js';
import { type LoadSliceRequest, loadSlice } from './load-slice.js';
import type { SliceTurn } from './slice-turn.js';

/** A slice of an import that was dispatched. */
export interface ImportSliceRequest
  extends LoadSliceRequest,
    Pick<ImportRequest, 'dataset' | 'collection' | 'as' | 'transform'> {}

/**
 * Write one slice (a part of the dataset) of a dispatched import (see `ImportRequest.dispatch`), for one turn.
 * @throws VecportError as `importDataset` for what the dataset or the store says.
 */
export async function importSlice(request: ImportSliceRequest): Promise<SliceTurn> {
  const collection = chosenCollections(request)[request.place.collection];
  if (collection === undefined)
    throw new VecportError('invalid-argument', `The dataset has no collection ${request.place.collection}.`);
  return loadSlice(loadOf(request, collection, request.as ?? collection.name), request);
}
