import type { CallOptions } from '@vecport/abstractions';
import type { OpenClass } from './open-class.js';
import { readCount } from './replies.js';
import { type Clause, countMessage } from './requests.js';

/** Objects in a class or tenant, or those a filter leaves: counted by an aggregation, which is exact at once. */
export async function countObjects(
  { connection, target }: OpenClass,
  filter: Clause | undefined,
  options: CallOptions,
): Promise<number> {
  return readCount(await connection.read('Aggregate', countMessage(target, filter), options));
}
