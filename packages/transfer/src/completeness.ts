/** What an export saw of its source. */
export interface ReadCounts {
  /** Points the source counted before and after the read; absent where it cannot count. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly exported: number;
  /** Points that came more than once. */
  readonly duplicates: number;
  /** What the source called its state before and after the read; absent where it has no name for it. */
  readonly revisionBefore?: string | undefined;
  readonly revisionAfter?: string | undefined;
  /** The provider's counts may lag behind (`traits.eventual`): what they say is a hint, not a proof. */
  readonly countsLate?: boolean | undefined;
  /** No more points were wanted: what is missing was not asked for. */
  readonly limited?: boolean | undefined;
}

/** What follows from the counts: `problem` means that the export must not be called complete. */
export interface CompletenessVerdict {
  readonly problem?: string | undefined;
  /** The source changed while it was read. */
  readonly warning?: string | undefined;
}

/**
 * Whether a read was complete, as far as counts can tell. Points that came twice are always a
 * problem. Too few are one when the source did not change, or when fewer came than it had at both
 * ends; a source that changed otherwise is a warning with the numbers.
 */
export function judgeCompleteness(counts: ReadCounts, pinned: boolean): CompletenessVerdict {
  const { before, after, exported, duplicates } = counts;
  if (duplicates > 0) return { problem: `the source gave ${duplicates} points more than once` };
  const warning = changeOf(counts);
  if (counts.limited === true) return { warning };
  if (before === undefined || after === undefined) return { warning };
  if (counts.countsLate === true) {
    const same = before === after && exported === before;
    return {
      warning: same
        ? undefined
        : `the source counted ${before} points before and ${after} after, and gave ${exported}; its counts may be late`,
    };
  }
  const expected = pinned ? before : Math.min(before, after);
  if (exported < expected) return { problem: `${expected - exported} of ${expected} points are missing` };
  if (exported > before && (pinned || warning === undefined)) {
    return { problem: `${exported} points came from a source that has ${before}` };
  }
  return { warning };
}

function changeOf({ before, after, exported, revisionBefore, revisionAfter }: ReadCounts): string | undefined {
  if (before !== after && before !== undefined && after !== undefined) {
    return `the source changed while it was read: ${before} points before, ${after} after, ${exported} exported`;
  }
  if (revisionBefore !== undefined && revisionAfter !== undefined && revisionBefore !== revisionAfter) {
    return `the source changed while it was read: from ${revisionBefore} to ${revisionAfter}, ${exported} points exported`;
  }
  return undefined;
}
