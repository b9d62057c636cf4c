export { type ApiKeyRecord, apiKeySchema, createApiKey } from './auth/api-keys.js';
export type { Audit, AuditEntry } from './auth/audit.js';
export { type AuthOptions, authSchema } from './auth/authenticate.js';
export { type Action, type Grant, grantSchema, type Principal } from './auth/grants.js';
export { readApiKeys, removeApiKey, storeApiKey, watchApiKeys } from './auth/key-file.js';
export { type OidcOptions, oidcSchema } from './auth/oidc.js';
export type { Backend } from './backends/backend.js';
export { type Backends, createBackends, type DatasetAddress, shownPath } from './backends/backends.js';
export { type BucketOptions, bucketBackend } from './backends/bucket-backend.js';
export { filesystemBackend } from './backends/filesystem-backend.js';
export { type Clock, systemClock } from './clock.js';
export type { ClusterStatus } from './contract/cluster-schema.js';
export type {
  ClassProgress,
  ExportChoice,
  ExportList,
  ExportRequestBody,
  ExportStatus,
  ImportProgress,
  ImportRequestBody,
  ImportStatus,
  ListQuery,
} from './contract/export-schemas.js';
export { BACKENDS, type BackendName, type JobStatus, type Location } from './contract/names.js';
export { PROBLEMS, type Problem, type ProblemCode } from './contract/problem-schema.js';
export type { ScheduleList, ScheduleRequestBody, ScheduleStatus } from './contract/schedule-schemas.js';
export {
  createExportService,
  type ExportService,
  type ExportServiceOptions,
  type ServiceLimits,
} from './create-export-service.js';
export type { OpenApiDocument } from './http/openapi.js';
export { createInProcessRunner, IMPORTS_FOLDER, type RunnerParts } from './jobs/in-process-runner.js';
export type {
  ExportedClass,
  ExportTask,
  ImportedClass,
  ImportTask,
  JobRunner,
  RunContext,
  RunEvent,
  RunOutcome,
} from './jobs/job-runner.js';
export { createProcessRunner, type ProcessRunnerParts } from './jobs/processes/process-runner.js';
export { type JobProcess, runJobProcess } from './jobs/processes/run-job-process.js';
export type { AskCluster } from './operations/cluster-operations.js';
export { ProblemError } from './problems/problem-error.js';
export { type RunningExportService, type RunOptions, runService } from './run-service.js';
export {
  backendsOf,
  configurationSchema,
  readConfiguration,
  type ServiceConfiguration,
} from './service-configuration.js';
export { openState, type ServiceState } from './state/open-state.js';
export { configuredStores, type StoreSet } from './stores/store-pool.js';
