import { parseClusterUrl } from './cluster-url.js';
import { type ClusterQueues, openQueues } from './open-queues.js';
import { type OutageWatch, persist } from './outage.js';

/** How long somebody who asks for a moment waits. */
const MOMENT_MS = 4000;

/**
 * Connect to the queues of a cluster, and wait until the server answers.
 * @throws VecportError `unavailable` when it does not for too long, `invalid-argument` for a URL that is none; the
 * signal's reason.
 */
export async function awaitQueues(url: string, watch: OutageWatch): Promise<ClusterQueues> {
  let opening: Promise<ClusterQueues> | undefined;
  const once = async (): Promise<ClusterQueues> => {
    opening ??= openQueues(url);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  try {
    const queues = await persist(once, watch);
    await persist(async () => queues.slices.getJobCounts(), watch);
    return queues;
  } catch (error) {
    // It may still come to be.
    void opening?.then(async (late) => late.close()).catch(() => undefined);
    throw error;
  }
}

/** The same as {@link awaitQueues} for whoever has one question. @throws VecportError `unavailable` when there is no answer within seconds. */
export async function answeringQueues(url: string): Promise<ClusterQueues> {
  const { shown } = parseClusterUrl(url);
  const { signal } = new AbortController();
  return awaitQueues(url, { shown, signal, patienceMs: MOMENT_MS, everyMs: 500 });
}
