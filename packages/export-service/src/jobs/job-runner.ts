import type { DatasetAddress } from '../backends/backends.js';
import type { ExportRequestBody, ImportRequestBody } from '../contract/export-schemas.js';

/** One export to run. Plain data, so that it can be sent to another process. */
export interface ExportTask {
  readonly address: DatasetAddress;
  readonly store: string;
  readonly classes: readonly string[];
  readonly request: ExportRequestBody;
}

/** One import to run. Plain data. */
export interface ImportTask {
  readonly address: DatasetAddress;
  readonly store: string;
  readonly classes: readonly string[];
  readonly request: ImportRequestBody;
  /** The same for the same task, different for every other: what it remembers can be kept under it. */
  readonly key: string;
}

/** What happens while a task runs, in its order. */
export type RunEvent =
  /** It is known what there is to do. */
  | { readonly type: 'plan'; readonly totals: Readonly<Record<string, number | undefined>> }
  /** Objects of a class that are done, those of earlier runs included. */
  | { readonly type: 'progress'; readonly name: string; readonly objects: number; readonly total?: number | undefined }
  /** A file of a class is durable. */
  | { readonly type: 'file'; readonly name: string; readonly path: string; readonly bytes: number };

/** What a runner is given besides the task. */
export interface RunContext {
  /** Aborted to stop: at the next point from which the task can be resumed. */
  readonly signal: AbortSignal;
  /** Quick, and does not throw. */
  readonly onEvent: (event: RunEvent) => void;
}

/** What became of a class of an export. */
export interface ExportedClass {
  readonly objects: number;
  readonly bytes: number;
}

/** What became of a class of an import. */
export interface ImportedClass {
  readonly objects: number;
  readonly refused: number;
}

/** A task that was done. */
export interface RunOutcome<T> {
  readonly classes: Readonly<Record<string, T>>;
  readonly warnings: readonly string[];
  /** Why it is no success, although it ran to its end. */
  readonly failure?: string | undefined;
}

/**
 * Runs jobs: in this process, or by others. A task that was begun before (by this process, or by one that died) is gone
 * on with; its result is the same as that of one run. Both reject with the signal's reason when it is aborted, and
 * otherwise with a `ProblemError` or `VecportError` for what clients may know.
 */
export interface JobRunner {
  runExport(task: ExportTask, context: RunContext): Promise<RunOutcome<ExportedClass>>;
  runImport(task: ImportTask, context: RunContext): Promise<RunOutcome<ImportedClass>>;
  /** Remove every file of a dataset, complete or not; it is not complete any more when the first is gone. */
  removeDataset(address: DatasetAddress): Promise<void>;
}
