export { type Canonicalizer, canonicalJson, createCanonicalizer } from './canonical-json.js';
export { completeDataset } from './complete-dataset.js';
export { openDatasetChain } from './dataset-chain.js';
export { createDigest, type Digest, emptyDigest, isSameDigest, type RecordListener, sumDigests } from './digest.js';
export { type ExportMetadata, exportMetadata } from './export-metadata.js';
export { readText, writeJson, writeText } from './files.js';
export { findPartDamage } from './find-part-damage.js';
export { createIdSet, type IdSet } from './id-set.js';
export { createIdTable, type IdTable } from './id-table.js';
export { type CollectionInspection, type InspectOptions, inspectCollection } from './inspect-collection.js';
export * from './manifest.js';
export { type Dataset, openDataset, type ReadOptions } from './open-dataset.js';
export { type OpenPart, openPart, type PartTarget } from './open-part.js';
export type { Compression } from './parquet/column-chunk.js';
export {
  type ParquetChunk,
  type ParquetFooter,
  type ParquetRowGroup,
  readParquetFooter,
} from './parquet/footer-reader.js';
export { type PageLayout, pageLayout } from './parquet/page-layout.js';
export { type ReadParquetOptions, readParquetPart } from './parquet/part-reader.js';
export { createParquetPartWriter, type ParquetPartOptions } from './parquet/part-writer.js';
export * from './part-codec.js';
export {
  COLLECTIONS_FOLDER,
  collectionFolder,
  collectionFolders,
  folderName,
  folderNames,
  isDataPath,
  isPartPath,
  MANIFEST_PATH,
  nameOfFolder,
  type PartPlace,
  PLAN_PATH,
  partPath,
  tombstonesPath,
} from './paths.js';
export { type ReadPartOptions, readPart } from './read-part.js';
export { fromStorageError, withVecportErrors } from './storage-errors.js';
export { type CollectionSummary, type DatasetSummary, summarizeDataset } from './summarize-dataset.js';
export { dataPaths, type TombstoneOptions, tombstoneParts } from './tombstones.js';
export { validateDataset } from './validate-dataset.js';
export * from './validation-report.js';
export { createVectorStatistics, type VectorStatistics, type VectorStatisticsCollector } from './vector-statistics.js';
export { wholeDigest, wholeOf } from './whole-digest.js';
