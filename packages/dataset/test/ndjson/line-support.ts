import type { VectorBatch } from '@vecport/abstractions';
import {
  createNdjsonPartWriter,
  type NdjsonPartOptions,
  type PartLines,
  type PartSummary,
  type ReadNdjsonOptions,
  readNdjsonPart,
} from '@vecport/dataset';
import { memorySource, plainRows } from '../parquet/part-support.js';

/** A finished part in memory. */
export interface MemoryLines {
  readonly file: Buffer;
  readonly summary: PartSummary;
  readonly lines: PartLines;
}

/** Write batches into memory. Their buffers are overwritten after each write, as a sender may do. */
export async function writeLines(options: NdjsonPartOptions, batches: readonly VectorBatch[]): Promise<MemoryLines> {
  const chunks: Buffer[] = [];
  const writer = createNdjsonPartWriter(options, async (parts) => {
    for (const part of parts) chunks.push(Buffer.from(part));
  });
  for (const batch of batches) {
    const copy = structuredClone(batch);
    await writer.write(copy);
    for (const column of Object.values(copy.vectors)) column.values.fill(-1);
    copy.metadata.bytes.fill(0xff);
  }
  const summary = await writer.finish();
  if (summary.lines === undefined) throw new Error('The summary says nothing of the lines.');
  return { summary, lines: summary.lines, file: Buffer.concat(chunks) };
}

/** All rows of a file as plain values, floats as their bits in hex. */
export async function readLines(file: Uint8Array, options: ReadNdjsonOptions): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readNdjsonPart(memorySource(file), options)) {
    for (const row of plainRows(batch)) rows.push(row);
  }
  return rows;
}
