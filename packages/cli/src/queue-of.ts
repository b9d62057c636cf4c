import type { CommandContext } from './command-context.js';
import { usageError } from './usage-error.js';

/**
 * The URL of the queue of a cluster: the flag, else the variable `VECPORT_CLUSTER`, whose password no list of processes
 * shows. @throws VecportError `invalid-argument` when there is none.
 */
export async function queueOf(
  { cluster }: { readonly cluster?: string | undefined },
  { environment }: Pick<CommandContext, 'environment'>,
): Promise<string> {
  const url = cluster ?? (await environment()).variables['VECPORT_CLUSTER'];
  if (url !== undefined && url !== '') return url;
  throw usageError('No cluster is named.', 'Name its queue with --cluster URL, or set VECPORT_CLUSTER.');
}
