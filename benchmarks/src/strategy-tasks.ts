import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { rows } from '@vecport/abstractions';
import { convertDataset, type Manifest, openDataset, type PartEncoding } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import type { Work } from './report.js';

type Finish = (work: Work) => Promise<void>;

/** What is read and written. */
export interface StrategyWork {
  /** Folder of a dataset. */
  readonly source: string;
  /** Folder that is written, anew. */
  readonly target: string;
  readonly encoding: PartEncoding;
  /** It is there afterwards. */
  readonly keep?: boolean | undefined;
}

/** The argument is a {@link StrategyWork} as JSON. */
export const STRATEGY_TASKS: Readonly<Record<string, (argument: string, finish: Finish) => Promise<void>>> = {
  strategy: async (argument, finish) => {
    const { encoding, ...work } = parse(argument);
    await written(work, async () => {
      // As the command `vecport` does.
      setFlagsFromString('--semi-space-growth-factor=1');
      const dataset = await openDataset(localStorage(work.source));
      await finish(async () => sizeOf(await convertDataset(dataset, { encoding, storage: localStorage(work.target) })));
    });
  },
  'strategy-json': async (argument, finish) => {
    const work = parse(argument);
    await written(work, async () => {
      const dataset = await openDataset(localStorage(work.source));
      await finish(async () => writeObjects(dataset, work.target));
    });
  },
  'strategy-duckdb': async (argument, finish) => {
    const work = parse(argument);
    await written(work, async () => {
      const dataset = await openDataset(localStorage(work.source));
      await finish(async () => convertWithDuckDb(dataset, work));
    });
  },
};

function parse(argument: string): StrategyWork {
  return JSON.parse(argument) as StrategyWork;
}

async function written({ target, keep }: Omit<StrategyWork, 'encoding'>, work: () => Promise<void>): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  try {
    await work();
  } finally {
    if (keep !== true) await rm(target, { recursive: true, force: true });
  }
}

function sizeOf({ collections }: Manifest): { readonly rows: number; readonly bytes: number } {
  const parts = collections.flatMap((collection) => collection.parts);
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
  };
}

type Opened = Awaited<ReturnType<typeof openDataset>>;

async function writeObjects(dataset: Opened, path: string) {
  const out = createWriteStream(path);
  let count = 0;
  for await (const batch of dataset.read(dataset.collection())) {
    for (const { id, embedding = [], metadata } of rows(batch)) {
      count++;
      if (!out.write(`${JSON.stringify({ id, vector: Array.from(embedding), metadata })}\n`)) await once(out, 'drain');
    }
  }
  out.end();
  await finished(out);
  return { rows: count, bytes: (await stat(path)).size };
}

/** As its documentation shows: a part after the other, with the types said. */
async function convertWithDuckDb(dataset: Opened, { source, target }: StrategyWork) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  await mkdir(target, { recursive: true });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  let count = 0;
  let bytes = 0;
  for (const part of dataset.collection().parts) {
    const file = join(target, `part-${part.index}.parquet`);
    await connection.run(
      `COPY (SELECT * FROM read_ndjson('${join(source, part.path)}', columns = {id: 'VARCHAR', vector: 'FLOAT[]', metadata: 'JSON'}))
       TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    count += part.rows;
    bytes += (await stat(file)).size;
  }
  connection.closeSync();
  return { rows: count, bytes };
}
