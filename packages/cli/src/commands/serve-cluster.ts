import { redactUrl } from '@vecport/abstractions';
import type { ClusterStatus } from '@vecport/cluster';
import type { Backends, RunnerParts } from '@vecport/export-service';
import type { Dispatch, DispatchedWork } from '@vecport/transfer';
import { storeForWorkers } from '../cluster-work.js';
import { usageError } from '../usage-error.js';
import type { ServeJobSetup } from './serve-parts.js';

/** What says which cluster is meant, and where its workers find datasets. */
interface ClusterParts extends Pick<ServeJobSetup, 'configuration' | 'variables'> {
  readonly backends: Backends;
}

/**
 * The URL of the cluster of a service: `VECPORT_CLUSTER`, which may hold a secret, else what `service.json` says.
 * @throws VecportError `invalid-argument` for a file with a secret.
 */
export function clusterOf(
  { cluster }: ServeJobSetup['configuration'],
  variables: ServeJobSetup['variables'],
): string | undefined {
  if (cluster !== undefined && redactUrl(cluster) !== cluster) {
    throw usageError('The cluster in service.json has a secret.', 'Set VECPORT_CLUSTER in the environment instead.');
  }
  return variables['VECPORT_CLUSTER'] ?? cluster;
}

/** What a cluster does now. @throws what its queue says. */
export async function clusterNow(url: string): Promise<ClusterStatus> {
  const { clusterStatus } = await import('@vecport/cluster');
  return clusterStatus(url);
}

/** Gives exports to the cluster of a service; nothing where there is none. */
export function exportDispatch({ configuration, variables, backends }: ClusterParts): RunnerParts['dispatch'] {
  const cluster = clusterOf(configuration, variables);
  if (cluster === undefined) return undefined;
  return ({ address, store: name }, store): Dispatch => {
    const source = storeForWorkers(configuration.stores?.[name]);
    const dataset = backends.url(address);
    if (dataset === undefined) throw usageError(`Workers cannot reach ${address.backend}.`, 'Export to another place.');
    return async (work: DispatchedWork) => {
      const { dispatchToCluster } = await import('@vecport/cluster');
      const job = { kind: 'export' as const, source, dataset };
      await dispatchToCluster({ cluster, work: job, from: store.url, to: dataset })(work);
    };
  };
}
