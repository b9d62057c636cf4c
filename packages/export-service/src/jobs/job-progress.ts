import type { ClassProgress, ImportProgress } from '../contract/export-schemas.js';
import type { JobStatus } from '../contract/names.js';
import { mapValues } from '../map-values.js';
import type { ExportRecord, ImportRecord, JobRecord } from '../state/job-record.js';
import type { ExportedClass, ImportedClass, RunEvent, RunOutcome } from './job-runner.js';

/** A record after something happened in its run. `files` has the bytes of every file of this run, by path. */
export function afterEvent(record: JobRecord, event: RunEvent, files: Map<string, FileBytes>): JobRecord {
  if (event.type === 'file') files.set(event.path, { name: event.name, bytes: event.bytes });
  return record.kind === 'export' ? exportAfter(record, event, files) : importAfter(record, event);
}

/** Bytes of a file of a class. */
export interface FileBytes {
  readonly name: string;
  readonly bytes: number;
}

/** A record at the start of a run: what an earlier run had done of its classes is kept. */
export function startedClasses(record: JobRecord): JobRecord {
  const { error: _error, completedAt: _completedAt, warnings: _warnings, ...rest } = record;
  const started = <T>(classOf: (name: string) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(record.classes.map((name): [string, T] => [name, classOf(name)]));
  return rest.kind === 'export'
    ? {
        ...rest,
        status: 'STARTED',
        progress: started((name) => ({ objectsExported: 0, ...rest.progress[name], status: 'STARTED' })),
      }
    : {
        ...rest,
        status: 'STARTED',
        progress: started((name) => ({ objectsImported: 0, ...rest.progress[name], status: 'STARTED' })),
      };
}

/** A record whose run has ended without an outcome: classes that are not done share its status. */
export function endedWith(record: JobRecord, status: JobStatus, completedAt: number, error?: string): JobRecord {
  const end = <T extends { readonly status: JobStatus }>(one: T): T =>
    one.status === 'SUCCESS' ? one : { ...one, status };
  const ended = { status, completedAt, ...(error === undefined ? {} : { error }) };
  return record.kind === 'export'
    ? { ...record, ...ended, progress: mapValues(record.progress, end) }
    : { ...record, ...ended, progress: mapValues(record.progress, end) };
}

/** An export that was run to its end. */
export function exportedWith(record: ExportRecord, outcome: RunOutcome<ExportedClass>, completedAt: number): JobRecord {
  const progress = mapValues(
    outcome.classes,
    ({ objects, bytes }, name): ClassProgress => ({
      ...record.progress[name],
      status: 'SUCCESS',
      objectsExported: objects,
      fileSizeBytes: bytes,
    }),
  );
  return withOutcome({ ...record, progress }, outcome, completedAt);
}

/** An import that was run to its end. */
export function importedWith(record: ImportRecord, outcome: RunOutcome<ImportedClass>, completedAt: number): JobRecord {
  const progress = mapValues(
    outcome.classes,
    ({ objects, refused }, name): ImportProgress => ({
      ...record.progress[name],
      status: refused > 0 ? 'FAILED' : 'SUCCESS',
      objectsImported: objects,
      objectsRefused: refused,
    }),
  );
  return withOutcome({ ...record, progress }, outcome, completedAt);
}

function withOutcome<T extends JobRecord>(record: T, outcome: RunOutcome<unknown>, completedAt: number): JobRecord {
  const { failure, warnings } = outcome;
  return {
    ...record,
    status: failure === undefined ? 'SUCCESS' : 'FAILED',
    completedAt,
    ...(failure === undefined ? {} : { error: failure }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function exportAfter(record: ExportRecord, event: RunEvent, files: ReadonlyMap<string, FileBytes>): ExportRecord {
  if (event.type === 'plan') {
    const progress = mapValues(record.progress, (one, name) => withTotal(one, event.totals[name]));
    return { ...record, progress };
  }
  const before = record.progress[event.name];
  if (before === undefined) return record;
  const after: ClassProgress =
    event.type === 'file'
      ? { ...before, fileSizeBytes: bytesOf(event.name, files) }
      : withTotal({ ...before, status: 'TRANSFERRING', objectsExported: event.objects }, event.total);
  return { ...record, status: 'TRANSFERRING', progress: { ...record.progress, [event.name]: after } };
}

function importAfter(record: ImportRecord, event: RunEvent): ImportRecord {
  if (event.type !== 'progress') return record;
  const before = record.progress[event.name];
  if (before === undefined) return record;
  const after: ImportProgress = withTotal(
    { ...before, status: 'TRANSFERRING', objectsImported: event.objects },
    event.total,
  );
  return { ...record, status: 'TRANSFERRING', progress: { ...record.progress, [event.name]: after } };
}

function withTotal<T extends object>(progress: T, total: number | undefined): T {
  return total === undefined ? progress : { ...progress, objectsTotal: total };
}

function bytesOf(name: string, files: ReadonlyMap<string, FileBytes>): number {
  let sum = 0;
  for (const file of files.values()) if (file.name === name) sum += file.bytes;
  return sum;
}
