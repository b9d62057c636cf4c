import type { ErrorCode } from '@vecport/abstractions';

/** The begin or the end of one call of a repository. */
export interface TraceEvent {
  readonly kind: 'start' | 'end';
  /** The same for the start and the end of a call; unique within the process. */
  readonly id: number;
  /** The method, e.g. `upsertMany`. */
  readonly operation: string;
  readonly provider: string;
  readonly collection: string;
  /** Milliseconds the call took; only at its end. For `exportAll` from the first pull to the end of the loop. */
  readonly durationMs?: number | undefined;
  /** Points read, written, found or counted; only at the end of a call that succeeded or of an export. */
  readonly points?: number | undefined;
  /** Why the call failed, `aborted` when it was cancelled; only at the end of a call that failed. */
  readonly error?: ErrorCode | 'aborted' | undefined;
}

/** Receives each event at once, in the call. It must be quick and must not throw. */
export type OnTrace = (event: TraceEvent) => void;
