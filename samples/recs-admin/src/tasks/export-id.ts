/**
 * A name for a new export, e.g. `emoji-20261121t084012z`: what it holds and when it began (UTC).
 * `attempt` counts from 1 and tells apart those of the same second.
 */
export function exportId(collection: string, startedAt: Date, attempt: number): string {
  const stem = collection.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-');
  const time = startedAt
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
    .toLowerCase();
  return [stem, time, ...(attempt === 1 ? [] : [attempt])].join('-');
}
