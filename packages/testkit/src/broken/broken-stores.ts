import { type StoreDriver, VecportError } from '@vecport/abstractions';
import type { RepositoryLayer } from '@vecport/core';
import type { ConformanceOptions } from '../conformance/options.js';
import { createMemoryStore, type MemoryStoreOptions } from '../memory/memory-store.js';
import { breakCollections } from './break-collection.js';
import {
  filterIgnored,
  floatsRounded,
  lowestBitLost,
  overwritesOnCreate,
  scoreNegated,
  writeErrorSwallowed,
  zeroSignLost,
} from './broken-calls.js';
import {
  bufferReused,
  countEstimated,
  fieldsIgnored,
  filteredAfterTopK,
  getInStorageOrder,
  lastSliceLost,
  metadataMerged,
  metadataReparsed,
  slicesOverlap,
  snapshotNotKept,
  zerosMadeUp,
} from './broken-data.js';
import {
  abortsWrapped,
  cursorLeftOpen,
  emptyBatches,
  firstPageTwice,
  largerBatches,
  pageBorderSkipped,
  resumeRepeatsOne,
} from './broken-exports.js';

/** A store with one defect that real adapters had, and the checks that must find it. */
export interface BrokenStore {
  /** The defect in words. */
  readonly name: string;
  /** Titles (`<suite>: <name>`) of checks that must fail. */
  readonly caughtBy: readonly string[];
  /** How the suite is run over a new one. */
  options(): ConformanceOptions;
}

interface Defect {
  readonly store?: (store: StoreDriver) => StoreDriver;
  readonly layer?: RepositoryLayer;
  readonly memory?: MemoryStoreOptions;
}

const EXACTLY_ONCE = 'export: every point comes exactly once, as get gives it';
const FLOATS = 'vectors: floats come back bit for bit';
const SLICES = 'slices: slices are the whole collection without overlap, and at most as many as asked for';
const BATCH_SIZE = 'export: every batch size gives every point once, in batches no larger and never empty';

/** The oracle, broken in one way each: the conformance suite must catch every one. */
export const brokenStores: readonly BrokenStore[] = [
  broken('skips a point at each page border', [EXACTLY_ONCE, BATCH_SIZE], {
    store: breakCollections(pageBorderSkipped),
  }),
  broken('gives a page twice', [EXACTLY_ONCE, BATCH_SIZE], { store: breakCollections(firstPageTwice) }),
  broken(
    'loses the lowest bits of long ids',
    ['ids: golden ids are different points and come back as they were written'],
    {
      store: breakCollections(lowestBitLost),
    },
  ),
  broken(
    'swallows write errors',
    ['write-read: a point that cannot be written is refused or reported, and not there'],
    {
      store: breakCollections(writeErrorSwallowed),
      memory: {
        refuseWrite: ({ id }) => (id === 'refused' ? new VecportError('conflict', 'The point is locked.') : undefined),
      },
    },
  ),
  broken('leaves its cursor open when the loop is left', ['export-abort: leaving the loop early releases the export'], {
    store: breakCollections(cursorLeftOpen),
  }),
  broken(
    'ignores filters',
    [
      'filter: eq finds exactly what it means, also with missing and null fields',
      'filter: random filters find what the reference finds',
      'count: a filter is counted exactly',
      'search: a filter is applied before the nearest are taken',
      'export: a filter leaves exactly what matches, and is resumable',
    ],
    { store: breakCollections(filterIgnored) },
  ),
  broken('rounds floats to four digits', [FLOATS, 'write-read: every point written is read back the same'], {
    store: breakCollections(floatsRounded),
  }),
  broken('loses the sign of zero', [FLOATS], { store: breakCollections(zeroSignLost) }),
  broken(
    'gives distances instead of scores',
    [
      'search: euclidean: the nearest points come nearest first, with the documented score',
      'search: cosine: the nearest points come nearest first, with the documented score',
    ],
    { store: breakCollections(scoreNegated) },
  ),
  broken('repeats a point when it resumes', ['export: resuming after any cursor gives exactly the rest'], {
    store: breakCollections(resumeRepeatsOne),
  }),
  broken('gives larger batches than asked for', [BATCH_SIZE], { store: breakCollections(largerBatches) }),
  broken('gives empty batches', [EXACTLY_ONCE, BATCH_SIZE], { store: breakCollections(emptyBatches) }),
  broken(
    'wraps abort reasons',
    [
      'export-abort: a signal aborted before the start throws its reason and gives no batch',
      'export-abort: a signal aborted between batches throws its reason, unwrapped, instead of the next batch',
    ],
    { layer: abortsWrapped },
  ),
  broken(
    'makes a collection over the one that exists',
    ['lifecycle: making a collection that exists is refused and leaves it untouched'],
    {
      store: overwritesOnCreate,
    },
  ),
  broken(
    'parses and respells metadata',
    ['metadata: golden metadata comes back by get as it was written or as documented'],
    {
      store: breakCollections(metadataReparsed),
    },
  ),
  broken(
    'keeps old metadata when a point is replaced',
    ['write-read: writing an id again replaces the whole point, metadata included'],
    {
      store: breakCollections(metadataMerged),
    },
  ),
  broken('makes up zeros for missing vectors', ['vectors: a point may lack its vector, and zeros are not made up'], {
    store: breakCollections(zerosMadeUp),
  }),
  broken(
    'answers get in its own order',
    ['write-read: get answers in the order asked, each once, without what does not exist'],
    {
      store: breakCollections(getInStorageOrder),
    },
  ),
  broken('estimates counts', ['count: counts follow writes and deletes at once'], {
    store: breakCollections(countEstimated),
  }),
  broken('filters after taking the nearest', ['search: a filter is applied before the nearest are taken'], {
    store: breakCollections(filteredAfterTopK),
  }),
  broken('reuses the buffer of a batch', [EXACTLY_ONCE], { store: breakCollections(bufferReused) }),
  broken(
    'ignores which fields were asked for',
    ['export: fields keeps only those named, and vectors and ids as they are'],
    {
      store: breakCollections(fieldsIgnored),
    },
  ),
  broken('claims a snapshot and has none', ['export: writes and deletes while it runs are not seen'], {
    store: breakCollections(snapshotNotKept),
  }),
  broken('forgets the last slice', [SLICES], { store: breakCollections(lastSliceLost) }),
  broken('gives overlapping slices', [SLICES], { store: breakCollections(slicesOverlap) }),
];

function broken(
  name: string,
  caughtBy: readonly string[],
  { store = (oracle) => oracle, layer, memory = {} }: Defect,
): BrokenStore {
  return {
    name,
    caughtBy,
    options: () => {
      const oracle = createMemoryStore(memory);
      return {
        open: async () => store(oracle),
        openCursors: () => oracle.openCursors(),
        layers: layer === undefined ? [] : [layer],
        refusedPoint: memory.refuseWrite && { id: 'refused', embedding: new Float32Array(8).fill(1) },
      };
    },
  };
}
