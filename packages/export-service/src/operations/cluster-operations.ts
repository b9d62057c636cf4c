import { setTimeout as sleep } from 'node:timers/promises';
import { mayUseSome } from '../auth/grants.js';
import { type ClusterStatus, clusterStatusSchema } from '../contract/cluster-schema.js';
import { ProblemError } from '../problems/problem-error.js';
import { type Caller, denied, notFound } from './caller.js';

/** Asks a cluster what it does. More fields than are shown may be there. */
export type AskCluster = () => Promise<ClusterStatus>;

/** What can be done with a cluster. */
export interface ClusterOperations {
  /**
   * What it does, for administrators.
   * @throws ProblemError `not-found` when there is none, `cluster-not-available` when its queue does not answer.
   */
  status(caller: Caller): Promise<ClusterStatus>;
}

/** Milliseconds a queue has to answer. */
const PATIENCE_MS = 5000;

/** The cluster of a service, if it has one. */
export function clusterOperations(ask: AskCluster | undefined): ClusterOperations {
  return {
    status: async (caller) => {
      const subject = { operation: 'getCluster', target: 'cluster' };
      if (!mayUseSome(caller.principal, 'admin', '')) {
        caller.deny(subject, 'admin is missing');
        throw denied('The right admin is missing.');
      }
      caller.allow(subject);
      if (ask === undefined) throw notFound('cluster here');
      return clusterStatusSchema.parse(await answerOf(ask));
    },
  };
}

async function answerOf(ask: AskCluster): Promise<ClusterStatus> {
  const waiting = new AbortController();
  try {
    return await Promise.race([ask(), late(waiting.signal)]);
  } catch (cause) {
    throw new ProblemError('cluster-not-available', 'The queue of the cluster does not answer.', {
      retryAfter: 10,
      cause,
    });
  } finally {
    waiting.abort();
  }
}

async function late(signal: AbortSignal): Promise<never> {
  // One that is not waited for any more throws to nobody.
  await sleep(PATIENCE_MS, undefined, { signal, ref: false });
  throw new Error('It took too long.');
}
