import { once } from 'node:events';
import { connect } from 'node:net';
import { VecportError } from '@vecport/abstractions';
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
  await checkReachable(url);
  const { clusterStatus } = await import('@vecport/cluster');
  return clusterStatus(url);
}

/** Clients of a queue connect again and again for ever: one that is not there is not given to them. */
async function checkReachable(url: string): Promise<void> {
  const { hostname, port, protocol } = URL.parse(url) ?? {};
  if (hostname === undefined) return;
  const usual = protocol?.startsWith('postgres') === true ? 5432 : 6379;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usual });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (cause) {
    throw gone(cause);
  } finally {
    socket.destroy();
  }
}

function gone(cause?: unknown): VecportError {
  return new VecportError('unavailable', 'The queue of the cluster cannot be reached.', {
    cause,
    advice: 'Check that it is running, and VECPORT_CLUSTER.',
  });
}

async function withinPatience<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(gone()), PATIENCE_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
