import type { ProgressEstimate, TransferProgress } from '@vecport/transfer';

/** A reading of a running phase, with what it is called and how fast it goes. */
export interface ProgressReading extends Pick<TransferProgress, 'done' | 'total' | 'retries'>, ProgressEstimate {
  /** What `done` and `total` count; points if not said. */
  readonly unit?: 'points' | 'bytes' | undefined;
  /** E.g. `Exporting emoji`. */
  readonly title: string;
}

/** Shows progress, one phase of one collection after the other. */
export interface ProgressView {
  /** The first reading of a phase begins it. */
  show(reading: ProgressReading): void;
  /** The phase is over, well or badly: show its last reading. Does nothing when none has begun. */
  end(): void;
}

/** Shows nothing. */
export function noProgress(): ProgressView {
  return { show: () => {}, end: () => {} };
}
