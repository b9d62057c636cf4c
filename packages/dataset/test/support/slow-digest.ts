import { createHash } from 'node:crypto';
import { metadataText, rows, type VectorBatch } from '@vecport/abstractions';
import { slowCanonicalJson } from './slow-canonical-json.js';

const MODULUS = 1n << 256n;

/** The digest as docs/dataset-format.md defines it, written down without regard for speed. */
export function slowDigest(batch: VectorBatch): Record<'count' | 'ids' | 'vectors' | 'metadata' | 'content', unknown> {
  let [ids, vectors, metadata, row] = [0n, 0n, 0n, 0];
  for (const point of rows(batch)) {
    const id = text(point.id);
    ids += number(sha256('i', id));
    vectors += number(sha256('v', id, ...sortedNames(batch).map((name) => vectorBytes(batch, name, row))));
    const json = metadataText(batch.metadata, row);
    metadata += number(sha256('m', id, ...(json === undefined ? [] : [text(slowCanonicalJson(json))])));
    row++;
  }
  const sums = [ids, vectors, metadata].map(littleEndian);
  const count = Buffer.alloc(8);
  count.writeUInt32LE(row);
  return {
    count: row,
    ids: sums[0]?.toString('hex'),
    vectors: sums[1]?.toString('hex'),
    metadata: sums[2]?.toString('hex'),
    content: sha256('c', count, ...sums).toString('hex'),
  };
}

function vectorBytes(batch: VectorBatch, name: string, row: number): Buffer {
  const column = batch.vectors[name];
  if (column === undefined || column.missing?.[row] === 1) return Buffer.alloc(0);
  const head = [text(name), Buffer.from([['dense', 'sparse', 'multi'].indexOf(column.kind)])];
  if (column.kind === 'dense') {
    const { dimension, values } = column;
    return Buffer.concat([
      ...head,
      uint32(dimension),
      ...floats(values.subarray(row * dimension, (row + 1) * dimension)),
    ]);
  }
  const [start, end] = [column.offsets[row] ?? 0, column.offsets[row + 1] ?? 0];
  if (column.kind === 'sparse') {
    const indices = Array.from(column.indices.subarray(start, end), uint32);
    return Buffer.concat([...head, uint32(end - start), ...indices, ...floats(column.values.subarray(start, end))]);
  }
  const numbers = column.values.subarray(start * column.dimension, end * column.dimension);
  return Buffer.concat([...head, uint32(column.dimension), uint32(end - start), ...floats(numbers)]);
}

function sortedNames(batch: VectorBatch): readonly string[] {
  return Object.keys(batch.vectors).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function sha256(tag: string, ...parts: readonly Buffer[]): Buffer {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.from(tag), ...parts]))
    .digest();
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function floats(values: Float32Array): readonly Buffer[] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Array.from(bits, uint32);
}

function number(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function littleEndian(sum: bigint): Buffer {
  return Buffer.from((sum % MODULUS).toString(16).padStart(64, '0'), 'hex').reverse();
}
