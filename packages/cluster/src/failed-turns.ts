import { isVecportError, type VecportError } from '@vecport/abstractions';

/** Failures that come again however often a turn is tried. */
const FINAL: ReadonlySet<string> = new Set<VecportError['code']>([
  'invalid-argument',
  'already-exists',
  'dimension-mismatch',
  'not-supported',
  'corrupt-data',
  'source-changed',
  'expired',
  'incomplete',
]);

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** What a slice has behind it. */
export interface TurnFailures {
  /** Failures since the last turn that ended well, this one included. */
  readonly inARow: number;
  readonly attempts: number;
}

/** Whether a slice is given up after this failure: it goes to quarantine, and the other slices go on. */
export function isPoison(error: unknown, { inARow, attempts }: TurnFailures): boolean {
  return inARow >= attempts || (isVecportError(error) && FINAL.has(error.code));
}

/** Milliseconds before the next attempt. */
export function pauseAfter(inARow: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, inARow - 1));
}

/** An error as one line that keeps its code. */
export function failureText(error: unknown): string {
  if (isVecportError(error)) return `${error.code}: ${error.message}`;
  return `unexpected: ${error instanceof Error ? error.message : String(error)}`;
}
