export { type Checkpoint, fileCheckpoint, noCheckpoint, type SlicePosition, type SliceState } from './checkpoint.js';
export { type CompareOptions, type Comparison, compareWithRepository } from './compare-with-repository.js';
export { datasetSink } from './dataset-sink.js';
export { datasetSlices, datasetSource } from './dataset-source.js';
export { digestSink } from './digest-sink.js';
export { type ExportReport, type ExportRequest, exportDataset } from './export-dataset.js';
export type { CollectionPlan, ExportPlan, UnitPlan } from './export-plan.js';
export { foretellLosses, type Loss, type LossSide } from './foretell-losses.js';
export {
  type ImportedCollection,
  type ImportReport,
  type ImportRequest,
  importDataset,
} from './import-dataset.js';
export {
  type MigratedCollection,
  type MigrateRequest,
  type MigrationReport,
  type MigrationSource,
  migrateCollections,
} from './migrate-collections.js';
export { type CollectionOpener, type OpenTenantsOptions, openCollection } from './open-collection.js';
export {
  createProgressMeter,
  type ProgressEstimate,
  type ProgressListener,
  type TransferProgress,
} from './progress.js';
export { repositorySink, type WriteReceipt } from './repository-sink.js';
export { planSlices, repositorySource, type Selection } from './repository-source.js';
export type { TargetEvent, TargetMode, TargetStore } from './target-store.js';
export { type TransferJob, transfer } from './transfer.js';
export type { PartPlace, SinkPart, TransferSink } from './transfer-sink.js';
export type { ReadOptions, TransferSource } from './transfer-source.js';
export { type LivingCollection, type VerifyReport, type VerifyRequest, verifyDataset } from './verify-dataset.js';
