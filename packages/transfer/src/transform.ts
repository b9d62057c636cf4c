import {
  batchFromRecords,
  type CollectionDescription,
  isVecportError,
  type JsonValue,
  metadataText,
  metadataValue,
  stringifyJson,
  VecportError,
  type VectorBatch,
  type VectorId,
  type VectorRecord,
  type VectorValue,
  vectorAt,
  type WriteFailure,
} from '@vecport/abstractions';
import type { PartSchema } from '@vecport/dataset';
import type { SourceBatch, TransferSource } from './transfer-source.js';

/** One point as a transform sees it and gives it back. */
export interface TransformedRecord {
  readonly id: VectorId;
  /** Vectors by name; the unnamed one is `default`. Views into the batch: copy one to change it. */
  readonly vectors: Readonly<Record<string, VectorValue>>;
  /** Parsed, integers beyond 2^53 as `bigint`; `undefined` where the point has none. */
  readonly metadata: JsonValue | undefined;
}

/** Changes a batch: fewer, other or more points, and at least as many as none. */
export type TransformBatch = (batch: VectorBatch) => VectorBatch | Promise<VectorBatch>;
/** Changes a point; `undefined` drops it. */
export type TransformRecord = (
  record: TransformedRecord,
) => TransformedRecord | undefined | Promise<TransformedRecord | undefined>;

/** What every point goes through between reading and writing. It must give the same for the same, or nothing can be resumed. */
export interface Transform {
  /** As messages name it, e.g. the path of its module. */
  readonly name: string;
  /** Stands for it in the plan: a resumed run must have the same. SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
  /** What becomes of a collection's description, where points get other vectors. */
  readonly describe?: ((description: CollectionDescription) => CollectionDescription) | undefined;
  /**
   * What becomes of a point for which `record` throws or gives what does not fit the collection: it ends the work, or
   * the point goes to the quarantine. `stop` if not said, and always for what changes batches.
   */
  readonly onError?: 'stop' | 'quarantine' | undefined;
  /** Exactly one of the two is there. */
  readonly batch?: TransformBatch | undefined;
  readonly record?: TransformRecord | undefined;
}

/**
 * A source whose points went through a transform. What it gives must have unique ids and fit the schema.
 * @throws VecportError `invalid-argument`, naming the transform and the point, for what it throws or gives wrongly.
 */
export function transformedSource(source: TransferSource, transform: Transform, schema: PartSchema): TransferSource {
  return { read: (options) => transformAll(source.read(options), transform, schema) };
}

async function* transformAll(
  batches: AsyncIterable<SourceBatch>,
  transform: Transform,
  schema: PartSchema,
): AsyncGenerator<SourceBatch, void, undefined> {
  for await (const batch of batches) {
    const { cursor, progress, missing, read = batch.ids.length } = batch;
    if (batch.ids.length === 0) yield batch;
    else yield { ...(await transformBatch(batch, transform, schema)), cursor, progress, missing, read };
  }
}

type Changed = VectorBatch & Pick<SourceBatch, 'refused'>;

async function transformBatch(batch: VectorBatch, transform: Transform, schema: PartSchema): Promise<Changed> {
  const changed =
    transform.record === undefined ? await wholeBatch(batch, transform) : await byRecord(batch, transform, schema);
  const fault = faultOf(changed, schema);
  if (fault !== undefined) throw failed(transform, fault);
  return changed;
}

async function wholeBatch(batch: VectorBatch, transform: Transform): Promise<VectorBatch> {
  const { ids, vectors, metadata, createdAt, updatedAt } = batch;
  let changed: VectorBatch | undefined;
  try {
    changed = await transform.batch?.({ ids, vectors, metadata, createdAt, updatedAt });
  } catch (cause) {
    throw failed(transform, `failed in the batch that begins with the point '${ids[0]}': ${messageOf(cause)}`, cause);
  }
  if (isBatch(changed)) return changed;
  throw failed(transform, `gave no batch for the one that begins with the point '${ids[0]}'`);
}

async function byRecord(batch: VectorBatch, transform: Transform, schema: PartSchema): Promise<Changed> {
  const records: VectorRecord[] = [];
  const rows: number[] = [];
  const refused = new Map<number, WriteFailure>();
  for (let row = 0; row < batch.ids.length; row++) {
    const record = await recordOrFailure(batch, row, transform, schema);
    if (record === undefined) continue;
    if ('reason' in record) refused.set(records.length, record);
    records.push('reason' in record ? { id: record.id } : record);
    rows.push(row);
  }
  try {
    return { ...batchFromRecords(records), ...timesOf(batch, rows), ...(refused.size > 0 && { refused }) };
  } catch (cause) {
    throw failed(
      transform,
      `gave records that do not go together, from the point '${batch.ids[0]}' on: ${messageOf(cause)}`,
      cause,
    );
  }
}

async function recordOrFailure(
  batch: VectorBatch,
  row: number,
  transform: Transform,
  schema: PartSchema,
): Promise<VectorRecord | WriteFailure | undefined> {
  if (transform.onError !== 'quarantine') return changedRecord(batch, row, transform);
  try {
    const record = await changedRecord(batch, row, transform);
    const fault = record && faultOf(batchFromRecords([record]), schema);
    if (fault !== undefined) throw failed(transform, fault);
    return record;
  } catch (error) {
    if (!isVecportError(error)) throw error;
    return { id: batch.ids[row] ?? '', code: error.code, reason: error.reason };
  }
}

async function changedRecord(batch: VectorBatch, row: number, transform: Transform): Promise<VectorRecord | undefined> {
  const id = batch.ids[row] ?? '';
  const metadata = metadataValue(batch.metadata, row);
  const before = metadata === undefined ? undefined : stringifyJson(metadata);
  let record: TransformedRecord | undefined;
  try {
    record = await transform.record?.({ id, vectors: vectorsAt(batch, row), metadata });
    if (record === undefined) return undefined;
    if (!isRecord(record)) throw new TypeError('It gave something that is not a record.');
    const after = record.metadata === undefined ? undefined : stringifyJson(record.metadata);
    // Metadata that is the same keeps its spelling.
    const text = after === before ? metadataText(batch.metadata, row) : after;
    return { id: record.id, vectors: record.vectors, metadataText: text };
  } catch (cause) {
    throw failed(transform, `failed at the point '${id}': ${messageOf(cause)}`, cause);
  }
}

function vectorsAt(batch: VectorBatch, row: number): Record<string, VectorValue> {
  const vectors: Record<string, VectorValue> = {};
  for (const [name, column] of Object.entries(batch.vectors)) {
    const value = vectorAt(column, row);
    if (value !== undefined) vectors[name] = value;
  }
  return vectors;
}

function timesOf({ createdAt, updatedAt }: VectorBatch, rows: readonly number[]) {
  const pick = (times: Float64Array | undefined): Float64Array | undefined =>
    times && Float64Array.from(rows, (row) => times[row] ?? Number.NaN);
  return { createdAt: pick(createdAt), updatedAt: pick(updatedAt) };
}

/** What is wrong with a batch, as the end of a sentence that begins with the transform. */
function faultOf(batch: VectorBatch, schema: PartSchema): string | undefined {
  const seen = new Set<VectorId>();
  for (const id of batch.ids) {
    if (typeof id !== 'string' || id === '')
      return `gave a point whose id is ${String(id) === '' ? 'empty' : `${String(id)}, which is not text`}`;
    if (seen.has(id)) return `gave the point '${id}' twice`;
    seen.add(id);
  }
  for (const [name, column] of Object.entries(batch.vectors)) {
    const spec = Object.hasOwn(schema.vectors, name) ? schema.vectors[name] : undefined;
    const from = `from the point '${batch.ids[0]}' on`;
    if (spec === undefined) return `gave a vector '${name}' ${from}, which the collection does not have`;
    if (column.missing?.every((flag) => flag === 1) === true) continue;
    if (spec.kind !== column.kind)
      return `gave a ${column.kind} vector '${name}' ${from}; the collection has ${spec.kind} ones`;
    if (column.kind !== 'sparse' && spec.dimension !== undefined && column.dimension !== spec.dimension)
      return `gave a vector '${name}' of ${column.dimension} dimensions ${from}; the collection's have ${spec.dimension}`;
  }
  return undefined;
}

function isBatch(value: unknown): value is VectorBatch {
  if (typeof value !== 'object' || value === null) return false;
  const { ids, vectors, metadata } = value as Partial<VectorBatch>;
  return Array.isArray(ids) && typeof vectors === 'object' && metadata?.offsets instanceof Uint32Array;
}

function isRecord(value: unknown): value is TransformedRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { id, vectors } = value as Partial<TransformedRecord>;
  return typeof id === 'string' && typeof vectors === 'object';
}

function messageOf(error: unknown): string {
  if (isVecportError(error)) return error.reason;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

function failed({ name }: Transform, what: string, cause?: unknown): VecportError {
  return new VecportError('invalid-argument', `The transform ${name} ${what.replace(/\.$/, '')}.`, {
    operation: 'transform',
    advice: 'Correct it and start again: a changed transform cannot go on with what was written.',
    cause,
  });
}
