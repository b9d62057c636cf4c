import { readFile } from 'node:fs/promises';
import type { VectorBatch } from '@vecport/abstractions';
import { createParquetPartWriter, readParquetPart } from '@vecport/dataset';
import type { ParquetWork } from './parquet-files.js';
import type { Work } from './report.js';

type Finish = (work: Work) => Promise<void>;

/** The argument is a {@link ParquetWork} as JSON. */
export const PARQUET_TASKS: Readonly<Record<string, (argument: string, finish: Finish) => Promise<void>>> = {
  'parquet-write': async (argument, finish) => {
    const { file, vectors, dimension, times } = JSON.parse(argument) as ParquetWork;
    const schema = { vectors: { default: { kind: 'dense', dimension } as const }, createdAt: false, updatedAt: false };
    const batches: VectorBatch[] = [];
    for await (const batch of readParquetPart(await memoryFile(file), { batchRows: 1000 })) batches.push(batch);
    await finish(async () => {
      let rows = 0;
      let bytes = 0;
      for (let round = 0; round < times; round++) {
        const writer = createParquetPartWriter({ schema, compression: 'zstd', vectors }, async () => {});
        for (const batch of batches) await writer.write(batch);
        const written = await writer.finish();
        rows += written.rows;
        bytes = written.bytes;
      }
      return { rows, bytes };
    });
  },
  'parquet-read': async (argument, finish) => {
    const { file, times } = JSON.parse(argument) as ParquetWork;
    const source = await memoryFile(file);
    await finish(async () => {
      let rows = 0;
      for (let round = 0; round < times; round++)
        for await (const { ids } of readParquetPart(source)) rows += ids.length;
      return { rows };
    });
  },
};

async function memoryFile(path: string) {
  const bytes = await readFile(path);
  return { size: bytes.length, read: async (start: number, end: number) => bytes.subarray(start, end) };
}
