import { hash } from 'node:crypto';
import { isVecportError, metadataBytes, VecportError, type VectorBatch } from '@vecport/abstractions';
import { type Canonicalizer, createCanonicalizer } from './canonical-json.js';
import { HashSum, wordAt } from './hash-sum.js';
import { kernels } from './kernels/kernels.js';
import type { ContentDigest } from './manifest.js';
import { RecordBuffer } from './record-buffer.js';
import { putVectors, type VectorPlan, vectorPlans } from './record-vectors.js';
import { areUtf8 } from './utf8-rows.js';

const IDS = 0x69;
const VECTORS = 0x76;
const METADATA = 0x6d;
const CONTENT = 'c';

/**
 * Told of each record that a digest takes in: its row in the batch, and 64 bits over its id, vectors and metadata as two
 * words that are never both zero. Equal for equal records.
 */
export type RecordListener = (row: number, high: number, low: number) => void;

/** Told of a record that a digest leaves out: its row in the batch, and why. */
type UnreadableListener = (row: number, error: VecportError) => void;

/** A digest being computed. */
export interface Digest {
  /**
   * Take in every record of a batch. After an error it is unusable, as part of the batch is in. With `onUnreadable` a
   * record whose id or metadata cannot be read is left out and told, instead of being an error.
   * @throws VecportError `corrupt-data` for metadata that is not JSON, `invalid-argument` for an id
   * that cannot be written in UTF-8 or columns that do not have as many rows as there are ids.
   */
  add(batch: VectorBatch, onUnreadable?: UnreadableListener): void;
  /** Of all records so far. */
  value(): ContentDigest;
}

/**
 * An order-independent digest of records: equal for two sets of records when these hold the same
 * ids, vectors (bit by bit, −0 and the bits of NaN included) and metadata (as canonical JSON), each
 * as often. It does not depend on the order of records, on batches, or on how parts were cut.
 * Times of creation and change and the kind of an id are not part of it.
 *
 * Each record has three SHA-256 hashes, all three over its id too, and each kind is summed up as
 * 256-bit integers, so that a record that is there twice shows. `docs/dataset-format.md` has the exact
 * definition. It finds accidents; against somebody who picks records to make sums match it is no proof.
 */
export function createDigest(onRecord?: RecordListener): Digest {
  return new RecordDigest(onRecord);
}

/** A class, so that all digests have the same functions, which are compiled once. */
class RecordDigest implements Digest {
  readonly #ids = new HashSum();
  readonly #vectors = new HashSum();
  readonly #metadata = new HashSum();
  readonly #buffer = new RecordBuffer();
  readonly #canonical = createCanonicalizer();
  readonly #onRecord: RecordListener | undefined;
  #count = 0;

  constructor(onRecord: RecordListener | undefined) {
    this.#onRecord = onRecord;
  }

  add(batch: VectorBatch, onUnreadable?: UnreadableListener): void {
    if (batch.metadata.offsets.length !== batch.ids.length + 1) {
      throw new VecportError(
        'invalid-argument',
        `The metadata does not have ${batch.ids.length} rows, as the ids have.`,
      );
    }
    const plans = vectorPlans(batch);
    const canonical = canonicalRows(batch);
    for (let row = 0; row < batch.ids.length; row++) {
      try {
        this.#addRecord(batch, row, plans, canonical?.[row] === 1);
      } catch (error) {
        if (onUnreadable === undefined || !isVecportError(error)) throw error;
        onUnreadable(row, error);
      }
    }
  }

  value(): ContentDigest {
    return contentDigest(this.#count, this.#ids.bytes(), this.#vectors.bytes(), this.#metadata.bytes());
  }

  /** All of the record, or nothing of it when it throws. */
  #addRecord(batch: VectorBatch, row: number, plans: readonly VectorPlan[], isCanonical: boolean): void {
    const buffer = this.#buffer;
    const id = batch.ids[row] as string;
    const prefix = buffer.startRecord(id);
    const aboutId = hash('sha256', buffer.record(IDS), 'binary');
    for (const plan of plans) putVectors(buffer, plan, row);
    const vectors = hash('sha256', buffer.record(VECTORS), 'binary');
    buffer.backTo(prefix);
    const metadata = metadataBytes(batch.metadata, row);
    if (metadata !== undefined) {
      const text = isCanonical ? metadata : canonicalMetadata(this.#canonical, metadata, id);
      buffer.putUint32(text.length);
      buffer.putBytes(text);
    }
    const aboutMetadata = hash('sha256', buffer.record(METADATA), 'binary');
    this.#ids.add(aboutId);
    this.#vectors.add(vectors);
    this.#metadata.add(aboutMetadata);
    this.#count++;
    if (this.#onRecord === undefined) return;
    const high = wordAt(vectors, 0) ^ wordAt(aboutMetadata, 0);
    const low = wordAt(vectors, 4) ^ wordAt(aboutMetadata, 4);
    this.#onRecord(row, high >>> 0, low >>> 0 || (high === 0 ? 1 : 0));
  }
}

/** The digest of all records that the given digests are of, together. */
export function sumDigests(digests: Iterable<ContentDigest>): ContentDigest {
  const sums = { ids: new HashSum(), vectors: new HashSum(), metadata: new HashSum() };
  let count = 0;
  for (const digest of digests) {
    count += digest.count;
    sums.ids.add(fromHex(digest.ids));
    sums.vectors.add(fromHex(digest.vectors));
    sums.metadata.add(fromHex(digest.metadata));
  }
  return contentDigest(count, sums.ids.bytes(), sums.vectors.bytes(), sums.metadata.bytes());
}

/** The digest of no records. */
export function emptyDigest(): ContentDigest {
  return sumDigests([]);
}

/** Whether two digests are of equal records. */
export function isSameDigest(a: ContentDigest, b: ContentDigest): boolean {
  return (
    a.count === b.count &&
    a.ids === b.ids &&
    a.vectors === b.vectors &&
    a.metadata === b.metadata &&
    a.content === b.content
  );
}

/** A byte for each row, 1 where its metadata is canonical JSON; good until the next kernel is called. None where that is not known. */
function canonicalRows({ ids, metadata }: VectorBatch): Uint8Array | undefined {
  const { bytes, offsets } = metadata;
  return areUtf8(bytes, offsets, ids.length) ? kernels()?.markCanonical(bytes, offsets, ids.length) : undefined;
}

function canonicalMetadata(canonical: Canonicalizer, metadata: Uint8Array, id: string): Uint8Array {
  try {
    return canonical(metadata);
  } catch (cause) {
    const reason = cause instanceof VecportError ? cause.reason : String(cause);
    throw new VecportError('corrupt-data', `The metadata of the point '${id}' cannot be read. ${reason}`, { cause });
  }
}

function contentDigest(count: number, ids: Buffer, vectors: Buffer, metadata: Buffer): ContentDigest {
  const total = Buffer.alloc(8);
  total.writeBigUInt64LE(BigInt(count));
  const all = Buffer.concat([Buffer.from(CONTENT), total, ids, vectors, metadata]);
  return {
    count,
    ids: ids.toString('hex'),
    vectors: vectors.toString('hex'),
    metadata: metadata.toString('hex'),
    content: hash('sha256', all, 'hex'),
  };
}

function fromHex(text: string): string {
  return Buffer.from(text, 'hex').toString('binary');
}
