/** Answers of the server as the dashboard reads them. */

/** An item of the catalogue. */
export interface Item {
  readonly id: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags: readonly string[];
  readonly group: string;
}

/** An item near another one. */
export interface Neighbour {
  readonly item: Item;
  readonly score: number;
}

/** `GET /api/overview`. */
export interface Overview {
  readonly provider: string;
  readonly collection: string;
  readonly dimension?: number;
  readonly metric?: string;
  readonly embeddingModel?: string;
  /** Texts can be searched by meaning. */
  readonly textSearch: boolean;
  readonly items: number;
  /** Absent when the store cannot be asked. */
  readonly vectors?: number;
  /** Absent when the cache cannot be asked. */
  readonly cache?: { readonly entries: number; readonly bytes: number; readonly hits: number; readonly misses: number };
  /** Why something is absent. */
  readonly problems: readonly string[];
  readonly groups: readonly string[];
  readonly samples: readonly Item[];
  /** Why the provider cannot export; absent when it can. */
  readonly exportProblem?: string;
}

/** A point of `GET /api/map`. */
export interface MapPoint {
  readonly id: string;
  readonly emoji: string;
  readonly label: string;
  readonly group: string;
  readonly x: number;
  readonly y: number;
}

/** A job of the admin API. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
  readonly progress: {
    readonly phase?: string;
    readonly done: number;
    readonly total?: number;
    readonly bytes?: number;
    readonly perSecond?: number;
    readonly etaMs?: number;
  };
  /** What was asked for. */
  readonly request?: unknown;
  readonly message?: string;
  readonly error?: { readonly message: string };
  readonly log: readonly { readonly at: string; readonly text: string }[];
  readonly startedAt: string;
  readonly endedAt?: string;
}

/** What an adapter can do. */
export interface Capability {
  readonly capability: string;
  readonly state: 'present' | 'absent' | 'unknown';
  readonly reason?: string;
  readonly alternatives?: readonly string[];
}

/** An adapter in the boot report. */
export interface Adapter {
  readonly name: string;
  readonly version?: string;
  readonly state: string;
  readonly reason?: string;
  readonly capabilities: readonly Capability[];
  readonly collections?: readonly {
    readonly name: string;
    readonly points?: number;
    readonly vectors: readonly {
      readonly name: string;
      readonly kind: string;
      readonly dimension?: number;
      readonly metric?: string;
    }[];
    /** Why it could not be read. */
    readonly problem?: string;
  }[];
}

/** A folder of `GET /admin/exports`. */
export interface ExportEntry {
  readonly name: string;
  readonly state: 'complete' | 'unfinished' | 'damaged';
  readonly reason?: string;
  readonly summary?: {
    readonly points: number;
    readonly bytes: number;
    readonly parts: number;
    readonly completedAt: string;
    readonly digest: string;
    readonly source: { readonly provider: string; readonly version?: string };
  };
}

/** `GET /admin/exports/:name`. */
export interface ExportDetails {
  readonly name: string;
  readonly summary: NonNullable<ExportEntry['summary']>;
  readonly manifest: unknown;
  readonly files: readonly string[];
}

/** A record of a dataset's preview. */
export interface PreviewedRecord {
  readonly id: string;
  readonly metadata?: unknown;
  readonly vector?: readonly number[];
  readonly dimension?: number;
}

/** `GET /admin/cache/stats`. */
export interface CacheStats {
  /** Its folder, or its server. */
  readonly place: string;
  readonly entries: number;
  readonly bytes: number;
  readonly models: readonly { readonly modelId: string; readonly dimension: number; readonly entries: number }[];
  readonly hits: number;
  readonly misses: number;
}

/** What a pair of stores cannot keep. */
export interface Loss {
  readonly kind: string;
  readonly subject: string;
  readonly reason: string;
}

/** What would be done with one collection. */
export interface PlannedCollection {
  readonly name: string;
  readonly target: string;
  readonly points?: number;
  readonly vectors: readonly {
    readonly name: string;
    readonly kind: string;
    readonly dimension?: number;
    readonly metric?: string;
  }[];
  readonly embeddingModel?: string;
  readonly parts?: number;
  readonly bytes?: number;
  readonly milliseconds?: number;
  readonly losses: readonly Loss[];
  readonly notes: readonly string[];
}

/** What an export, an import or a migration would do. */
export interface TransferPlan {
  readonly from: string;
  readonly to: string;
  readonly collections: readonly PlannedCollection[];
  readonly notes: readonly string[];
  /** Why it would be refused. */
  readonly obstacles: readonly string[];
}

/** A worker of a cluster. */
export interface ClusterWorker {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly draining: boolean;
  /** Slices it works on. */
  readonly active: readonly string[];
  readonly points: number;
  readonly failures: number;
  readonly pointsPerSecond: number;
}

/** A run of a cluster. */
export interface ClusterRun {
  readonly run: string;
  readonly kind: string;
  readonly state: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly reason?: string;
  readonly slices: { readonly total: number; readonly active: number; readonly done: number };
  readonly points: number;
  readonly bytes: number;
  readonly pointsPerSecond: number;
  readonly failures: readonly { readonly collection: string; readonly slice: number; readonly reason: string }[];
}

/** `GET /admin/cluster/status`. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly at: string;
  readonly workers: readonly ClusterWorker[];
  readonly queues: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly runs: readonly ClusterRun[];
}
