import { isFinal, type JobRecord } from '../state/job-record.js';

/**
 * Exports of a schedule that are not needed any more, of all it has, the newest first: successful ones beyond `keep`,
 * unless a kept one is an increment to them, and failed ones that are older than the oldest that is kept.
 */
export function outdated(records: readonly JobRecord[], keep: number): readonly JobRecord[] {
  const successes = records.filter(({ status }) => status === 'SUCCESS');
  if (successes.length <= keep) return [];
  const byId = new Map(successes.map((record) => [record.address.id, record]));
  const needed = new Set<string>();
  for (const record of successes.slice(0, keep)) {
    for (
      let at: JobRecord | undefined = record;
      at !== undefined && !needed.has(at.address.id);
      at = parentOf(at, byId)
    ) {
      needed.add(at.address.id);
    }
  }
  const oldest = Math.min(...successes.filter(({ address }) => needed.has(address.id)).map((r) => r.startedAt));
  return records.filter(
    ({ status, address, startedAt }) =>
      isFinal(status) && (status === 'SUCCESS' ? !needed.has(address.id) : startedAt < oldest),
  );
}

/** The export an increment of a schedule follows: `undefined` when the next run is to be full. */
export function nextParent(records: readonly JobRecord[], fullEvery: number): string | undefined {
  const successes = records.filter(({ status }) => status === 'SUCCESS');
  const byId = new Map(successes.map((record) => [record.address.id, record]));
  let length = 0;
  for (let at = successes[0]; at !== undefined; at = parentOf(at, byId)) length++;
  return length === 0 || length >= fullEvery ? undefined : successes[0]?.address.id;
}

function parentOf(record: JobRecord, byId: ReadonlyMap<string, JobRecord>): JobRecord | undefined {
  const since = record.kind === 'export' ? record.request.since : undefined;
  return since === undefined ? undefined : byId.get(since);
}
