export { type Canonicalizer, canonicalJson, createCanonicalizer } from './canonical-json.js';
export { completeDataset } from './complete-dataset.js';
export { type ConvertOptions, convertDataset } from './convert-dataset.js';
export { openDatasetChain } from './dataset-chain.js';
export { createDigest, type Digest, emptyDigest, isSameDigest, type RecordListener, sumDigests } from './digest.js';
export {
  DEFAULT_ENCODING,
  ENCODING_STRATEGIES,
  type EncodingOverrides,
  type EncodingStrategy,
  encodingOf,
} from './encoding-of.js';
export { type ExportMetadata, exportMetadata } from './export-metadata.js';
export { readText, writeJson, writeText } from './files.js';
export { findPartDamage } from './find-part-damage.js';
export { createIdSet, type IdSet } from './id-set.js';
export { createIdTable, type IdTable } from './id-table.js';
export { type CollectionInspection, type InspectOptions, inspectCollection } from './inspect-collection.js';
export { type ForeignOptions, openForeignDataset } from './layouts/foreign/open-foreign-dataset.js';
export { type JoinedFile, type JoinOptions, joinParquet } from './layouts/join-parquet.js';
export { type JoinPartsRequest, joinParts } from './layouts/join-parts.js';
export { type BatchKeys, keysOf } from './layouts/key-field.js';
export * from './layouts/layout.js';
export { layoutFaults } from './layouts/layout-faults.js';
export { type LayoutPlace, layoutFileBytes, layoutKeyValues, layoutPath } from './layouts/layout-files.js';
export { type LayoutRequest, type PlannedLayout, planLayout } from './layouts/plan-layout.js';
export * from './manifest.js';
export { type ReadNdjsonOptions, readNdjsonPart } from './ndjson/part-reader.js';
export { createNdjsonPartWriter, type NdjsonPartOptions } from './ndjson/part-writer.js';
export { type Dataset, openDataset, type ReadOptions } from './open-dataset.js';
export { type OpenPart, openPart, type PartTarget } from './open-part.js';
export {
  type ParquetChunk,
  type ParquetFooter,
  type ParquetRowGroup,
  readParquetFooter,
} from './parquet/footer-reader.js';
export type { Compression } from './parquet/page-codec.js';
export { type PageLayout, pageLayout } from './parquet/page-layout.js';
export { type ReadParquetOptions, readParquetPart } from './parquet/part-reader.js';
export { createParquetPartWriter, type ParquetPartOptions } from './parquet/part-writer.js';
export * from './part-codec.js';
export {
  extensionOf,
  type NdjsonEncoding,
  type ParquetEncoding,
  type PartEncoding,
  partEncodingSchema,
} from './part-encoding.js';
export { createPartThreads, type PartThread, type PartThreads } from './part-threads.js';
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
  quarantinePath,
  tombstonesPath,
} from './paths.js';
export { type ReadPartOptions, readPart } from './read-part.js';
export { type RecordBytes, recordBytes } from './record-bytes.js';
export { fromStorageError, withVecportErrors } from './storage-errors.js';
export { type CollectionSummary, type DatasetSummary, summarizeDataset } from './summarize-dataset.js';
export type { RefusedListener } from './take-carriable.js';
export { dataPaths, type TombstoneOptions, tombstoneParts } from './tombstones.js';
export { validateDataset } from './validate-dataset.js';
export * from './validation-report.js';
export { createVectorStatistics, type VectorStatistics, type VectorStatisticsCollector } from './vector-statistics.js';
export { wholeDigest, wholeOf } from './whole-digest.js';
