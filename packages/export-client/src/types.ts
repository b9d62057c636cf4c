/** Where datasets can lie. */
export type BackendName = 'filesystem' | 's3' | 'gcs' | 'azure' | 'r2' | 'supabase';

/** What becomes of a job and of each class of it. The last three are final. */
export type JobStatus = 'STARTED' | 'TRANSFERRING' | 'SUCCESS' | 'FAILED' | 'CANCELED';

/** Where in a backend a dataset lies: `<bucket>/<path>/<id>/`. */
export interface Location {
  /** One of the allowed ones; the only one there is if not said. */
  readonly bucket?: string | undefined;
  /** The root of the backend if not said. */
  readonly path?: string | undefined;
}

/** A value a property can be compared with. */
export type FilterValue = string | number | bigint | boolean;

/** Which objects are meant, e.g. `{ op: 'eq', field: 'lang', value: 'de' }`. */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | { readonly op: 'eq' | 'ne' | 'contains'; readonly field: string; readonly value: FilterValue }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly field: string; readonly value: string | number | bigint }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly FilterValue[] }
  | { readonly op: 'exists'; readonly field: string };

/** What an export is asked for besides its id; also what a schedule repeats. */
export interface ExportChoice {
  /** These classes; all that may be read if empty. Not together with `exclude`. */
  readonly include?: readonly string[] | undefined;
  /** All classes that may be read but these. */
  readonly exclude?: readonly string[] | undefined;
  readonly config?: Location | undefined;
  /** The store to read; the default one if not said. */
  readonly source?: string | undefined;
  /** How files are written; Parquet if not said. */
  readonly strategy?: 'ndjson-gz' | 'ndjson-zst' | 'parquet-small' | 'parquet-med' | 'parquet-large' | undefined;
  /** `two-pass` reads ids first and gets their objects by id. */
  readonly read?: 'scan' | 'two-pass' | undefined;
  /** Whose files they are; `weaviate` if not said, one file a class, and `native` for increments and NDJSON. */
  readonly layout?: 'weaviate' | 'native' | 'qdrant' | 'pinecone' | 'vdf' | undefined;
  /** Of the files: `none`, `snappy`, `zstd` or `gzip`, the last two with a level after a colon if wanted. */
  readonly compression?: string | undefined;
  /** Only the objects that match. */
  readonly filter?: Filter | undefined;
  /** Keep only these top-level properties. */
  readonly properties?: readonly string[] | undefined;
  /** Slices read at the same time. */
  readonly parallel?: number | undefined;
}

/** What to export. */
export interface ExportRequest extends ExportChoice {
  /** Lower-case letters, digits, hyphens and underscores. */
  readonly id: string;
  /** Only what changed since this export, which lies in the same bucket and path. */
  readonly since?: string | undefined;
}

/** How far a class of an export is. */
export interface ClassProgress {
  readonly status: JobStatus;
  readonly objectsExported: number;
  readonly fileSizeBytes?: number | undefined;
  readonly objectsTotal?: number | undefined;
}

interface JobFields {
  readonly id: string;
  readonly backend: BackendName;
  readonly path: string;
  readonly status: JobStatus;
  readonly startedAt: string;
  /** When it reached a final status. */
  readonly completedAt?: string | undefined;
  readonly classes: readonly string[];
  /** Why it failed. */
  readonly error?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** While it runs. */
  readonly objectsPerSecond?: number | undefined;
  /** While it runs, where the totals are known. */
  readonly etaSeconds?: number | undefined;
}

/** The state of an export. */
export interface ExportStatus extends JobFields {
  readonly progress: Readonly<Record<string, ClassProgress>>;
}

/** Some exports, by id. */
export interface ExportList {
  readonly exports: readonly ExportStatus[];
  /** Give it as `after` to get those that follow; absent at the end. */
  readonly next?: string | undefined;
}

/** Which exports are listed. */
export interface ListQuery {
  readonly status?: JobStatus | undefined;
  /** How many at most; 100 if not said. */
  readonly limit?: number | undefined;
  /** Go on behind this id. */
  readonly after?: string | undefined;
}

/** What to import, and how. */
export interface ImportRequest {
  /** These classes; all of the dataset if empty. Not together with `exclude`. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly config?: Location | undefined;
  /** The store to write; the default one if not said. */
  readonly target?: string | undefined;
  /** The name in the target, for a single class. */
  readonly as?: string | undefined;
  /** The class must not exist (the default) | exists, objects of the same id are replaced | is dropped first. */
  readonly mode?: 'create' | 'append' | 'replace' | undefined;
  /** Read the target back and compare every object. */
  readonly verify?: boolean | undefined;
  readonly parallel?: number | undefined;
}

/** How far a class of an import is. */
export interface ImportProgress {
  readonly status: JobStatus;
  readonly objectsImported: number;
  readonly objectsTotal?: number | undefined;
  readonly objectsRefused?: number | undefined;
}

/** The state of an import. */
export interface ImportStatus extends JobFields {
  /** The store that is written. */
  readonly target: string;
  readonly progress: Readonly<Record<string, ImportProgress>>;
}

interface SchedulePlan {
  readonly id: string;
  /** When: five fields, or six with seconds first. */
  readonly cron: string;
  readonly backend: BackendName;
  /** Of an incremental one: every so many-th run is full; 7 if not said. */
  readonly fullEvery?: number | undefined;
  /** Successful exports to keep; all if not said. */
  readonly keep?: number | undefined;
}

/** When to export, and what. */
export interface ScheduleRequest extends SchedulePlan {
  /** IANA name; UTC if not said. */
  readonly timeZone?: string | undefined;
  /** `full` if not said. */
  readonly mode?: 'full' | 'incremental' | undefined;
  /** What is done when runs were missed: one run at once, or none. `run` if not said. */
  readonly missed?: 'run' | 'skip' | undefined;
  readonly export?: ExportChoice | undefined;
}

/** The state of a schedule. */
export interface ScheduleStatus extends SchedulePlan {
  readonly timeZone: string;
  readonly mode: 'full' | 'incremental';
  readonly missed: 'run' | 'skip';
  readonly source: string;
  readonly classes: readonly string[];
  readonly createdAt: string;
  readonly nextRunAt?: string | undefined;
  readonly lastRun?:
    | {
        readonly id: string;
        readonly at: string;
        readonly status?: JobStatus | undefined;
        readonly error?: string | undefined;
      }
    | undefined;
  readonly skippedRuns: number;
  readonly missedRuns: number;
}

/** All schedules the caller may see. */
export interface ScheduleList {
  readonly schedules: readonly ScheduleStatus[];
}

/** What the service answers to a request that fails. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: programs decide by it. */
  readonly code: ProblemCode;
  readonly requestId?: string | undefined;
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined;
  /** Of `not-supported`: adapters that are known to do it. */
  readonly alternatives?: readonly string[] | undefined;
}

/** A worker of a cluster. */
export interface ClusterWorker {
  readonly name: string;
  readonly host: string;
  readonly startedAt: string;
  readonly concurrency: number;
  readonly draining: boolean;
  readonly active: readonly string[];
  readonly turns: number;
  readonly points: number;
  readonly bytes: number;
  readonly failures: number;
  readonly pointsPerSecond: number;
}

/** An export, import or migration that a cluster does or did. */
export interface ClusterRun {
  readonly run: string;
  readonly kind: string;
  readonly state: 'running' | 'cancelled' | 'done' | 'failed';
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  readonly reason?: string | undefined;
  readonly slices: {
    readonly total: number;
    readonly waiting: number;
    readonly active: number;
    readonly done: number;
    readonly quarantined: number;
  };
  readonly points: number;
  readonly bytes: number;
  readonly pointsPerSecond: number;
}

/** What the cluster of a service does. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly at: string;
  readonly workers: readonly ClusterWorker[];
  readonly queues: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly runs: readonly ClusterRun[];
}

/** What can be wrong. */
export type ProblemCode =
  | 'backend-not-available'
  | 'authorization-failed'
  | 'class-does-not-exist'
  | 'export-already-in-progress'
  | 'write-to-backend-failed'
  | 'authentication-failed'
  | 'invalid-request'
  | 'payload-too-large'
  | 'unsupported-media-type'
  | 'not-found'
  | 'method-not-allowed'
  | 'id-already-used'
  | 'target-not-empty'
  | 'not-running'
  | 'import-already-in-progress'
  | 'source-does-not-exist'
  | 'not-supported'
  | 'cluster-not-available'
  | 'issuer-not-available'
  | 'source-not-available'
  | 'busy'
  | 'shutting-down'
  | 'too-many-requests'
  | 'internal-error';

/** An event of a job: each has the whole status. After `end` there is none. */
export interface JobEvent<Status> {
  /** Give it as `lastEventId` to go on behind it. */
  readonly id: string;
  readonly type: 'status' | 'progress' | 'end';
  readonly status: Status;
}
