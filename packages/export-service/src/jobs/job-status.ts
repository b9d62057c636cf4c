import { shownPath } from '../backends/backends.js';
import type { ExportStatus, ImportStatus } from '../contract/export-schemas.js';
import { isFinal, type JobRecord } from '../state/job-record.js';

/** A job as clients see it. `rate` in objects a second, of one that runs. */
export function statusOf(record: JobRecord, rate?: number): ExportStatus | ImportStatus {
  const { address, status, startedAt, completedAt, classes, error, warnings } = record;
  const left = rate === undefined || rate === 0 ? undefined : objectsLeft(record);
  const fields = {
    id: address.id,
    backend: address.backend,
    path: shownPath(address),
    status,
    startedAt: new Date(startedAt).toISOString(),
    ...(completedAt === undefined ? {} : { completedAt: new Date(completedAt).toISOString() }),
    classes,
    ...(error === undefined ? {} : { error }),
    ...(warnings === undefined ? {} : { warnings }),
    ...(rate === undefined || isFinal(status) ? {} : { objectsPerSecond: round(rate) }),
    ...(rate === undefined || left === undefined || isFinal(status) ? {} : { etaSeconds: round(left / rate) }),
  };
  return record.kind === 'export'
    ? { ...fields, progress: record.progress }
    : { ...fields, target: record.store, progress: record.progress };
}

/** Objects of a job that are done. */
export function objectsDone(record: JobRecord): number {
  return record.kind === 'export'
    ? Object.values(record.progress).reduce((sum, { objectsExported }) => sum + objectsExported, 0)
    : Object.values(record.progress).reduce((sum, { objectsImported }) => sum + objectsImported, 0);
}

function objectsLeft(record: JobRecord): number | undefined {
  let total = 0;
  for (const { objectsTotal } of Object.values(record.progress)) {
    if (objectsTotal === undefined) return undefined;
    total += objectsTotal;
  }
  return Math.max(0, total - objectsDone(record));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
