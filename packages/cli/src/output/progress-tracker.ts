import type { ByteListener, ProgressEstimate, ProgressListener, TransferProgress } from '@vecport/transfer';
import { formatCount } from './format.js';
import type { ProgressView } from './progress-view.js';
import { visible } from './visible.js';

/** The meter that `@vecport/transfer` makes; handed in, so that the engine is loaded by commands alone. */
export type ProgressMeter = (progress: TransferProgress) => ProgressEstimate;

/** What was seen of one collection while its points were moved. */
export interface MovedPoints {
  /** Points done when the first batch of this run had gone through; those of an earlier run are among them. */
  readonly first: number;
  /** Points done at the end. */
  readonly done: number;
  /** From the end of the phase before to the last batch. */
  readonly milliseconds: number;
}

/** Follows the phases of a command and shows them. */
export interface ProgressTracker {
  /** A listener whose phases are titled by `verbs`, e.g. `{ read: 'Exporting' }`. */
  listen(verbs: Readonly<Record<TransferProgress['phase'], string>>, meter: ProgressMeter): ProgressListener;
  /** A listener for files that are moved as they are. */
  bytes(title: string): ByteListener;
  /** End the phase that is shown. Called before anything else is printed. */
  end(): void;
  /** The collections whose points were moved so far, by name. */
  readonly moved: ReadonlyMap<string, MovedPoints>;
}

/** A tracker that shows readings in `view`. `now` gives milliseconds. */
export function createProgressTracker(
  view: ProgressView,
  now: () => number = () => performance.now(),
): ProgressTracker {
  const moved = new Map<string, MovedPoints>();
  let title: string | undefined;
  let begunAt = now();
  let lastAt = begunAt;
  return {
    moved,
    listen: (verbs, meter) => {
      begunAt = now();
      lastAt = begunAt;
      return (progress) => {
        const next = visible(`${verbs[progress.phase]} ${progress.collection}`);
        if (title !== undefined && title !== next) {
          view.end();
          begunAt = lastAt;
        }
        title = next;
        lastAt = now();
        if (progress.phase === 'read') {
          const { collection, done } = progress;
          moved.set(collection, { first: moved.get(collection)?.first ?? done, done, milliseconds: lastAt - begunAt });
        }
        view.show({ ...progress, ...meter(progress), title });
      };
    },
    bytes: (text) => {
      begunAt = now();
      return ({ done, total, moved: own }) => {
        title = visible(text);
        const bytesPerSecond = own === 0 ? 0 : (own / Math.max(1, now() - begunAt)) * 1000;
        const etaMs = bytesPerSecond === 0 ? undefined : ((total - done) / bytesPerSecond) * 1000;
        view.show({ title, unit: 'bytes', done, total, pointsPerSecond: 0, bytesPerSecond, etaMs });
      };
    },
    end: () => {
      view.end();
      title = undefined;
    },
  };
}

/** Points a second of one collection, as text; `resumed` leaves out what an earlier run did. */
export function formatMovedRate(moved: MovedPoints | undefined, resumed = false): string {
  if (moved === undefined || moved.milliseconds <= 0) return '–';
  const points = moved.done - (resumed ? moved.first : 0);
  return points === 0 ? '–' : `${formatCount((points / moved.milliseconds) * 1000)}/s`;
}
