import { isVecportError, VecportError } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { type ImportedCollection, type ImportReport, importDataset, type TargetStore } from '@vecport/transfer';
import type { ItemStore } from '../catalogue/item-store.js';
import { VECTOR_DATASET } from './sample-data.js';

/** Which collection to seed, and where its seeding is noted. */
export interface SeedVectorsRequest {
  readonly store: TargetStore & { readonly url: string };
  readonly collection: string;
  readonly items: ItemStore;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Import the sample dataset where the store has no such collection; a collection that is there is
 * left as it is, unless an earlier seeding of ours was interrupted: then it is completed. Two that
 * seed at once both write all of it, which gives the same. Gives the number of vectors written.
 *
 * @throws VecportError `incomplete` when the store refused points.
 */
export async function seedVectors({ store, collection, items, signal }: SeedVectorsRequest): Promise<number> {
  const exists = (await store.collections({ signal })).some(({ name }) => name === collection);
  const subject = `vectors ${store.url} ${collection}`;
  if (exists && items.seedState(subject) !== 'started') return 0;
  const dataset = await openDataset(localStorage(VECTOR_DATASET));
  items.markSeed(subject, 'started');
  const write = async (mode: 'create' | 'append'): Promise<ImportReport> =>
    importDataset({ dataset, target: store, as: collection, mode, signal });
  const report = exists ? await write('append') : await write('create').catch(unlessMade(async () => write('append')));
  if (!report.complete) throw notSeeded(collection, report.collections);
  items.markSeed(subject, 'complete');
  return report.collections.reduce((sum, { accepted }) => sum + accepted, 0);
}

// Somebody else, started at the same moment, was faster to make the collection.
function unlessMade<T>(otherwise: () => Promise<T>): (error: unknown) => Promise<T> {
  return async (error) => {
    if (isVecportError(error) && error.code === 'already-exists') return otherwise();
    throw error;
  };
}

function notSeeded(collection: string, imported: readonly ImportedCollection[]): VecportError {
  const failed = imported.flatMap((one) => one.failed);
  const reasons = failed.slice(0, 3).map(({ id, reason }) => `${id}: ${reason}`);
  return new VecportError(
    'incomplete',
    `The store refused ${imported.reduce((sum, { refused }) => sum + refused, 0)} points of the sample data. ${reasons.join(' ')}`,
    {
      collection,
      operation: 'seed',
      advice: 'Remove the cause and start again; what is missing is written then.',
    },
  );
}
