import type { ExportedClass, ExportTask, ImportedClass, ImportTask, RunEvent, RunOutcome } from '../job-runner.js';
import type { SentError } from './sent-error.js';

/** What a process is to do. */
export type JobRequest =
  | { readonly kind: 'export'; readonly task: ExportTask }
  | { readonly kind: 'import'; readonly task: ImportTask };

/** What a process of a job is told. */
export type ToJob =
  | { readonly type: 'run'; readonly request: JobRequest; readonly setup: unknown; readonly niceness: number }
  /** End at the next point from which the task can be resumed. */
  | { readonly type: 'stop' };

/** What a process of a job tells. The last two are its last words. */
export type FromJob =
  | { readonly type: 'events'; readonly events: readonly RunEvent[] }
  | { readonly type: 'done'; readonly outcome: RunOutcome<ExportedClass | ImportedClass> }
  | { readonly type: 'failed'; readonly error: SentError };
