import type { Backends } from '../backends/backends.js';
import type { Clock } from '../clock.js';
import type { JobManager } from '../jobs/job-manager.js';
import type { JobRunner } from '../jobs/job-runner.js';
import type { ServiceState } from '../state/open-state.js';
import type { StorePool, StoreSet } from '../stores/store-pool.js';

/** What operations work with. */
export interface ServiceParts {
  readonly stores: StoreSet;
  readonly pool: StorePool;
  readonly backends: Backends;
  readonly state: ServiceState;
  readonly manager: JobManager;
  readonly runner: JobRunner;
  readonly clock: Clock;
}
