import { createHash } from 'node:crypto';
import { stringifyJson } from '@vecport/abstractions';
import { type JobRecord, keyOf } from '../state/job-record.js';

/** A text that is the same for the same task and different for every other; fit for a folder's name. */
export function taskKey(record: Pick<JobRecord, 'kind' | 'address' | 'request'>): string {
  const { kind, backend, id } = keyOf(record as JobRecord);
  const text = stringifyJson([kind, backend, id, record.address, sorted(record.request)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Whether two requests ask for the same. */
export function sameRequest(left: unknown, right: unknown): boolean {
  return stringifyJson(sorted(left)) === stringifyJson(sorted(right));
}

// Keys in their order; fields that say nothing are left out.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
