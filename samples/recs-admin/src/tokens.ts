/** Identifiers of what this application binds beside the tokens of `@vecport/abstractions`. */

/** The {@link ItemStore}. */
export const ITEM_STORE = Symbol.for('recs-admin/item-store');
/** The `IEmbeddingCache`. */
export const EMBEDDING_CACHE = Symbol.for('recs-admin/embedding-cache');
/** The pino logger. */
export const LOGGER = Symbol.for('recs-admin/logger');
/** The {@link BootReports}. */
export const BOOT_REPORTS = Symbol.for('recs-admin/boot-reports');
/** The {@link AppSettings}. */
export const APP_SETTINGS = Symbol.for('recs-admin/settings');
/** The {@link JobRunner}. */
export const JOB_RUNNER = Symbol.for('recs-admin/job-runner');
/** The {@link SignIn}. */
export const SIGN_IN = Symbol.for('recs-admin/sign-in');
/** The {@link Transfers}. */
export const TRANSFERS = Symbol.for('recs-admin/transfers');
/** The {@link ExportList}. */
export const EXPORT_LIST = Symbol.for('recs-admin/export-list');
/** The {@link VectorMap}. */
export const VECTOR_MAP = Symbol.for('recs-admin/vector-map');
/** The {@link OpenEmbedder}. */
export const OPEN_EMBEDDER = Symbol.for('recs-admin/open-embedder');
/** The {@link ClusterWatch}. */
export const CLUSTER_WATCH = Symbol.for('recs-admin/cluster-watch');
/** An `AbortSignal` that is aborted when the application begins to shut down. */
export const SHUTDOWN = Symbol.for('recs-admin/shutdown');
