// @ts-check
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportAll } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { qdrant } from '@vecport/adapter-qdrant';
import { createHost } from '@vecport/core';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { startFakeQdrant } from '@vecport/testkit';
import { COLLECTION } from './bench.js';

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('@vecport/abstractions').VectorBatch} VectorBatch */

/**
 * One piece of work, in a folder of its own.
 * @typedef {object} Work
 * @property {readonly string[]} args what to begin it with
 * @property {string} state the folder of its checkpoints
 * @property {() => AsyncIterable<VectorBatch>} read what is at its target, read back
 * @property {() => Promise<string>} [files] a text that is the same when every file is the same, byte by byte
 * @property {() => Promise<void>} end give back what it holds
 */

/**
 * The kinds of work, in the order of the report.
 * @type {Readonly<Record<string, (bench: Bench, folder: string) => Promise<Work>>>}
 */
export const KINDS = {
  'export to Parquet files': async ({ source, partRows }, folder) => {
    const out = join(folder, 'out');
    return {
      args: ['export', '--from', source, '--to', out, '--part-rows', String(partRows)],
      state: join(out, 'state'),
      read: () => readDataset(out),
      files: async () => hashOfParts(out),
      end: async () => {},
    };
  },
  'import into LanceDB': async ({ dataset }, folder) => {
    const target = join(folder, 'target');
    const state = join(folder, 'state');
    return {
      args: ['import', '--from', dataset, '--to', `lancedb:${target}`, '--batch-size', '4000', '--state', state],
      state: join(state, 'state'),
      read: () => readStore(lancedb({ path: target }), 'lancedb'),
      end: async () => {},
    };
  },
  'migration LanceDB → LanceDB': async ({ source }, folder) => {
    const target = join(folder, 'target');
    const state = join(folder, 'state');
    return {
      args: ['migrate', '--from', source, '--to', `lancedb:${target}`, '--batch-size', '4000', '--state', state],
      state: join(state, 'state'),
      read: () => readStore(lancedb({ path: target }), 'lancedb'),
      end: async () => {},
    };
  },
  'migration LanceDB → Qdrant (gRPC)': async ({ source }, folder) => {
    const server = await startFakeQdrant();
    const state = join(folder, 'state');
    const url = `qdrant://127.0.0.1:${server.httpPort}?grpc-port=${server.grpcPort}`;
    return {
      args: ['migrate', '--from', source, '--to', url, '--state', state],
      state: join(state, 'state'),
      read: () => readStore(qdrant({ url: server.httpUrl, grpcPort: server.grpcPort }), 'qdrant'),
      end: async () => server.close(),
    };
  },
};

/** @param {string} folder */
async function* readDataset(folder) {
  const dataset = await openDataset(localStorage(folder));
  yield* dataset.read(dataset.collection(COLLECTION));
}

/**
 * @param {ReturnType<typeof lancedb>} module
 * @param {string} name
 */
async function* readStore(module, name) {
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [module] });
  try {
    yield* exportAll(await (await host.catalog.open(name)).repository(COLLECTION));
  } finally {
    await host.close();
  }
}

/** @param {string} folder */
async function hashOfParts(folder) {
  const names = await readdir(folder, { recursive: true });
  const hash = createHash('sha256');
  for (const name of names.filter((path) => path.endsWith('.parquet')).toSorted()) {
    hash.update(`${name}\n`).update(
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest(),
    );
  }
  return hash.digest('hex');
}
