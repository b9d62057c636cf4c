import type { VectorId } from '@vecport/abstractions';
import type { SliceTally } from './checkpoint.js';
import type { SourceBatch } from './transfer-source.js';

/** Ids that were not there that are kept by name; more are counted only. */
const KEPT_MISSING = 100;

/** Counts what came of a slice, so that a run that goes on at a position counts nothing twice. */
export interface Tally {
  /** A batch came; it may come again in a later run. */
  add(batch: SourceBatch): void;
  /** What was added so far will not come again. */
  settle(): void;
  /** What is settled, with `batch` and all before it when that is given; `rows` are passed on. */
  value(rows: number, batch?: SourceBatch): SliceTally;
}

type Counts = Omit<SliceTally, 'rows'>;
const NOTHING: Counts = { read: 0, missing: 0, missingIds: [] };

/** A {@link Tally} that goes on with what an earlier run counted. */
export function createTally(earlier: Counts = NOTHING): Tally {
  let settled: Counts = { read: earlier.read, missing: earlier.missing, missingIds: earlier.missingIds };
  let open = NOTHING;
  return {
    add: (batch) => {
      open = joined(open, countsOf(batch));
    },
    settle: () => {
      settled = joined(settled, open);
      open = NOTHING;
    },
    value: (rows, batch) => ({ rows, ...(batch === undefined ? settled : joined(settled, open, countsOf(batch))) }),
  };
}

/** What several slices or units have together. */
export function sumTallies(tallies: readonly SliceTally[]): SliceTally {
  return { rows: tallies.reduce((sum, { rows }) => sum + rows, 0), ...joined(...tallies) };
}

function countsOf({ ids, read = ids.length, missing = [] }: SourceBatch): Counts {
  return { read, missing: missing.length, missingIds: missing };
}

function joined(...all: readonly Counts[]): Counts {
  const missingIds: VectorId[] = all.flatMap((counts) => counts.missingIds);
  return {
    read: all.reduce((sum, { read }) => sum + read, 0),
    missing: all.reduce((sum, { missing }) => sum + missing, 0),
    missingIds: missingIds.slice(0, KEPT_MISSING),
  };
}
