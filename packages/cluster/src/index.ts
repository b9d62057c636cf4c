export { cancelRun } from './cancel-run.js';
export { type ClusterStatus, clusterStatus, type RunStatus } from './cluster-status.js';
export { parseClusterUrl } from './cluster-url.js';
export { runClusterWorker, type WorkerRequest } from './cluster-worker.js';
export { type ClusterOptions, DEFAULT_PATIENCE_MS, dispatchToCluster } from './dispatch-to-cluster.js';
export type { ClusterWork, WorkerRecord } from './run-record.js';
export type { PlaceOpener, WorkerStore } from './work-places.js';
