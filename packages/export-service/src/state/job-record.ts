import type { DatasetAddress } from '../backends/backends.js';
import type {
  ClassProgress,
  ExportRequestBody,
  ImportProgress,
  ImportRequestBody,
} from '../contract/export-schemas.js';
import type { JobStatus } from '../contract/names.js';

/** Which job: exports and imports are counted apart. */
export interface JobKey {
  readonly kind: 'export' | 'import';
  readonly backend: string;
  readonly id: string;
}

interface JobFields {
  readonly address: DatasetAddress;
  readonly status: JobStatus;
  /** The store that is read or written. */
  readonly store: string;
  readonly classes: readonly string[];
  /** Who started it. */
  readonly owner: string;
  /** The schedule that started it. */
  readonly schedule?: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly completedAt?: number | undefined;
  /** How often a process began to work on it. */
  readonly attempts: number;
  readonly error?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** An export as it is remembered. */
export interface ExportRecord extends JobFields {
  readonly kind: 'export';
  readonly request: ExportRequestBody;
  readonly progress: Readonly<Record<string, ClassProgress>>;
}

/** An import as it is remembered. */
export interface ImportRecord extends JobFields {
  readonly kind: 'import';
  readonly request: ImportRequestBody;
  readonly progress: Readonly<Record<string, ImportProgress>>;
}

/** A job as it is remembered. Plain data. */
export type JobRecord = ExportRecord | ImportRecord;

/** The key of a record. */
export function keyOf({ kind, address }: JobRecord): JobKey {
  return { kind, backend: address.backend, id: address.id };
}

/** A key as one text, for maps. */
export function keyText({ kind, backend, id }: JobKey): string {
  return `${kind} ${backend} ${id}`;
}

const FINAL: ReadonlySet<JobStatus> = new Set(['SUCCESS', 'FAILED', 'CANCELED']);

/** Whether a status is final. */
export function isFinal(status: JobStatus): boolean {
  return FINAL.has(status);
}
