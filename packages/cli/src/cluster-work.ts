import { isAbsolute, resolve } from 'node:path';
import { redactUrl, schemeOf } from '@vecport/abstractions';
import type { ClusterOptions, ClusterWork } from '@vecport/cluster';
import type { Dispatch } from '@vecport/transfer';
import type { CommandContext } from './command-context.js';
import type { ClusterFlags } from './shared-options.js';
import { usageError } from './usage-error.js';

/** Work for a cluster, and between which ends. */
export interface ClusterJob {
  readonly work: ClusterWork;
  readonly from: string;
  readonly to: string;
  readonly rateLimit?: number | undefined;
}

/** A dispatch to the cluster that flags name. */
export async function clusterDispatch(
  { cluster, clusterParts, clusterAttempts, clusterPatience }: ClusterFlags,
  { work, from, to, rateLimit }: ClusterJob,
  { note }: Pick<CommandContext, 'note'>,
): Promise<Dispatch> {
  const { dispatchToCluster } = await import('@vecport/cluster');
  const options: ClusterOptions = {
    ...{ cluster: cluster ?? '', work, from: redactUrl(from), to: redactUrl(to), rateLimit },
    ...{ turnParts: clusterParts, attempts: clusterAttempts, patienceMs: clusterPatience, onNote: note },
  };
  return dispatchToCluster(options);
}

/**
 * Let only pass what the workers of a cluster can do: flags, and URLs of stores. Nothing is opened.
 * @throws VecportError `invalid-argument` for flags that cannot be used with `--cluster`, and for those that belong to it.
 */
export async function checkClusterFlags(
  flags: ClusterFlags,
  stores: readonly (string | undefined)[],
  others: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { cluster, clusterParts, clusterAttempts, clusterPatience } = flags;
  if (cluster === undefined) {
    const own = [clusterParts, clusterAttempts, clusterPatience].some((value) => value !== undefined);
    if (own)
      throw usageError(
        '--cluster-parts, -attempts and -patience belong to --cluster.',
        'Name the queue with --cluster.',
      );
    return;
  }
  const { parseClusterUrl } = await import('@vecport/cluster');
  parseClusterUrl(cluster);
  for (const url of stores) storeForWorkers(url);
  const [flag] = Object.entries(others).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : name,
  );
  if (flag !== undefined)
    throw usageError(`${flag} cannot be done by several machines.`, `Leave ${flag} or --cluster out.`);
}

/**
 * The URL of a store as it goes through the queue.
 * @throws VecportError `invalid-argument` for one with a secret, and for a relative path.
 */
export function storeForWorkers(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (redactUrl(url) !== url) {
    throw usageError(
      'The URL of the store holds a secret, which would go through the queue.',
      'Leave it out of the URL, and set it in the environment of this process and of all workers.',
    );
  }
  if (/^[a-z][a-z0-9+.-]*:(?!\/)/i.test(url)) {
    throw usageError(
      `The path of ${url} depends on the working directory, and workers have others.`,
      'Name the store by its whole path.',
    );
  }
  return url;
}

/**
 * The URL of a dataset or folder as it goes through the queue: a path on disk as a whole one.
 * @throws VecportError `invalid-argument` for one with a secret.
 */
export function folderForWorkers(url: string, { terminal, note }: Pick<CommandContext, 'terminal' | 'note'>): string {
  if (redactUrl(url) !== url) {
    throw usageError(
      'The URL of the dataset holds a secret, which would go through the queue.',
      'Leave it out of the URL, and set it in the environment of this process and of all workers.',
    );
  }
  if (schemeOf(url) !== undefined && schemeOf(url) !== 'file') return url;
  note(`${url} is on a disk: every worker must see the same folder under the same path`);
  return schemeOf(url) === 'file' || isAbsolute(url) ? url : resolve(terminal.cwd, url);
}

/** @throws VecportError `invalid-argument` when the state of work for a cluster would be in this working directory. */
export function checkClusterState({ cluster, state }: ClusterFlags & { readonly state?: string | undefined }): void {
  if (cluster === undefined || state !== undefined) return;
  throw usageError(
    'Workers must reach the folder in which the work remembers how far it is.',
    'Name one with --state: a bucket, or a folder that all machines share.',
  );
}
