import { isVecportError, raceSignal, VecportError } from '@vecport/abstractions';
import type { ClusterStatus } from '@vecport/cluster';

/** A queue that does not answer for so long is said to be gone. */
const PATIENCE_MS = 5000;

/** What the cluster of this application does. */
export interface ClusterWatch {
  /** False when no cluster is configured. */
  readonly configured: boolean;
  /**
   * Its workers, queues and runs now. Everybody who asks meanwhile gets the same answer.
   * @throws VecportError `not-found` when none is configured, `unavailable` when its queue does not answer; what it says.
   */
  status(): Promise<ClusterStatus>;
}

/** The cluster whose queue is at a URL. Its library is loaded, and the queue asked, when somebody wants to know. */
export function createClusterWatch(url: string | undefined): ClusterWatch {
  let asked: Promise<ClusterStatus> | undefined;
  return {
    configured: url !== undefined,
    status: async () => {
      if (url === undefined) {
        throw new VecportError('not-found', 'No cluster is configured.', {
          advice: 'Set VECPORT_CLUSTER to its queue, e.g. redis://127.0.0.1:6379.',
        });
      }
      asked ??= ask(url).finally(() => {
        asked = undefined;
      });
      return withinPatience(asked);
    },
  };
}

async function ask(url: string): Promise<ClusterStatus> {
  const { clusterStatus } = await import('@vecport/cluster');
  return clusterStatus(url);
}

async function withinPatience<T>(work: Promise<T>): Promise<T> {
  try {
    return await raceSignal(work, AbortSignal.timeout(PATIENCE_MS));
  } catch (cause) {
    if (isVecportError(cause) && cause.code !== 'unavailable') throw cause;
    throw new VecportError('unavailable', 'The queue of the cluster cannot be reached.', {
      cause,
      advice: 'Check that it is running, and VECPORT_CLUSTER.',
    });
  }
}
