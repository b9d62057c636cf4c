export type { RetryNote, RetryPolicy } from './backoff.js';
export type { ByteListener, ByteProgress } from './byte-progress.js';
export {
  type Checkpoint,
  fileCheckpoint,
  noCheckpoint,
  type SlicePosition,
  type SliceState,
  type SliceTally,
} from './checkpoint.js';
export { type CleanReport, type CleanRequest, cleanDatasets, type UnfinishedExport } from './clean-datasets.js';
export { type CompareOptions, type Comparison, compareWithRepository } from './compare-with-repository.js';
export { type CopyReport, type CopyRequest, copyDataset } from './copy-dataset.js';
export { type DatasetSinkOptions, datasetSink } from './dataset-sink.js';
export { datasetSlices, datasetSource } from './dataset-source.js';
export { digestSink } from './digest-sink.js';
export type { Dispatch, DispatchedSlice, DispatchedWork, SlicePlace } from './dispatch.js';
export {
  type DownloadReport,
  type DownloadRequest,
  downloadDataset,
} from './download-dataset.js';
export { type EmbeddingService, type EmbedTexts, embeddingClient } from './embedding-client.js';
export { exportDataset } from './export-dataset.js';
export type { CollectionPlan, ExportPlan, PlannedSelection, ReadMode, UnitPlan } from './export-plan.js';
export type { ExportReport, ExportRequest, MissingPoints } from './export-request.js';
export type { WorkOptions } from './export-run.js';
export { type ExportSliceRequest, exportSlice, readPinnedPlan } from './export-slice.js';
export { type FillReport, type FillRequest, fillSink } from './fill-sink.js';
export { type FindOptions, type FoundDataset, findDatasets, latestDataset } from './find-datasets.js';
export { foretellLosses, type Loss, type LossSide } from './foretell-losses.js';
export { foretellMigration } from './foretell-migration.js';
export { importDataset } from './import-dataset.js';
export type { ImportedCollection, ImportReport, ImportRequest } from './import-request.js';
export { type ImportSliceRequest, importSlice } from './import-slice.js';
export type { PlannedParent } from './increment.js';
export { loadTransform } from './load-transform.js';
export { migrateCollections } from './migrate-collections.js';
export type { MigratedCollection, MigrateRequest, MigrationReport, MigrationSource } from './migrate-request.js';
export { type MigrateSliceRequest, migrateSlice } from './migrate-slice.js';
export { type CollectionOpener, type OpenTenantsOptions, openCollection } from './open-collection.js';
export {
  type CollectionPreview,
  type ExportPreview,
  previewExport,
  type SamplePage,
  type UnitPreview,
} from './preview-export.js';
export {
  createProgressMeter,
  type ProgressEstimate,
  type ProgressListener,
  type TransferProgress,
} from './progress.js';
export type { QuarantinedPoint, QuarantineFile, QuarantineReport } from './quarantine.js';
export type { RateLimiter } from './rate-limiter.js';
export { type ReEmbedding, reEmbedding } from './re-embed.js';
export type { ReadGate, Ticket } from './read-ahead.js';
export { type RefusedListener, repositorySink, type WriteReceipt } from './repository-sink.js';
export { planSlices, repositorySource, type Selection } from './repository-source.js';
export {
  compareSearches,
  type ParityOptions,
  type ParityReport,
  type ParityUnit,
  type SearchParity,
} from './search-parity.js';
export type { SliceTurn, TurnOptions } from './slice-turn.js';
export type { TargetEvent, TargetMode, TargetStore } from './target-store.js';
export { type TransferJob, transfer } from './transfer.js';
export { eventsOf, type TransferEvent, type TransferListener } from './transfer-event.js';
export type { PartPlace, SinkPart, TransferSink } from './transfer-sink.js';
export type { ReadOptions, RefusedRows, SourceBatch, TransferSource } from './transfer-source.js';
export type { Transform, TransformBatch, TransformedRecord, TransformRecord } from './transform.js';
export { type LivingCollection, type VerifyReport, type VerifyRequest, verifyDataset } from './verify-dataset.js';
