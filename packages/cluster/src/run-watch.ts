import type { ClusterQueues } from './open-queues.js';
import { parseRun } from './run-record.js';

/** How often it is asked whether runs are still wanted. */
const EVERY_MS = 1000;

/** Says when runs that are worked on are no longer wanted. */
export interface RunWatch {
  /** A signal for one turn; `done` says that the turn has ended. */
  follow(run: string): { readonly signal: AbortSignal; done(): void };
  close(): void;
}

interface Followed {
  readonly controller: AbortController;
  turns: number;
}

/** Watches the runs that somebody works on, all with one question a second each. A queue that does not answer says nothing. */
export function createRunWatch({ runs }: Pick<ClusterQueues, 'runs'>): RunWatch {
  const followed = new Map<string, Followed>();
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      for (const [run, { controller }] of followed) {
        const record = parseRun((await runs.getJob(run))?.data);
        if (record !== undefined && record.state !== 'running') {
          controller.abort(new DOMException(`The run ${run} is ${record.state}.`, 'AbortError'));
        }
      }
    } catch {
      // Asked again at the next tick.
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void ask(), EVERY_MS);
  timer.unref();
  return {
    follow: (run) => {
      const one = followed.get(run) ?? { controller: new AbortController(), turns: 0 };
      followed.set(run, one);
      one.turns++;
      return {
        signal: one.controller.signal,
        done: () => {
          one.turns--;
          if (one.turns === 0) followed.delete(run);
        },
      };
    },
    close: () => clearInterval(timer),
  };
}
