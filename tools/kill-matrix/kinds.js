// @ts-check
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { exportAll } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { qdrant } from '@vecport/adapter-qdrant';
import { createHost } from '@vecport/core';
import { openDataset } from '@vecport/dataset';
import { localStorage, openStorage } from '@vecport/storage';
import { startFakeQdrant } from '@vecport/testkit';
import { COLLECTION } from './bench.js';
import { bucketOf } from './bucket.js';

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('@vecport/abstractions').VectorBatch} VectorBatch */
/** @typedef {import('@vecport/storage').Storage} Storage */

/**
 * One piece of work, in a folder of its own.
 * @typedef {object} Work
 * @property {readonly string[]} args what to begin it with
 * @property {Readonly<Record<string, string>>} [env] variables it needs
 * @property {readonly [Storage, string]} state where its checkpoints are: a storage, and a folder in it that ends in `/`
 * @property {() => AsyncIterable<VectorBatch>} read what is at its target, read back
 * @property {() => Promise<string>} [files] a text that is the same when every file is the same, byte by byte
 * @property {() => Promise<void>} end give back what it holds
 */

/**
 * The kinds of work, in the order of the report. Those in {@link SERVER_KINDS} need a server.
 * @type {Readonly<Record<string, (bench: Bench, folder: string) => Promise<Work>>>}
 */
export const KINDS = {
  'export to Parquet files': async ({ source, partRows }, folder) => {
    const out = join(folder, 'out');
    return {
      args: ['export', '--from', source, '--to', out, '--part-rows', String(partRows)],
      state: [localStorage(out), 'state/'],
      read: () => readDataset(localStorage(out)),
      files: async () => hashOfParts(localStorage(out)),
      end: async () => {},
    };
  },
  'streamed S3 upload': async ({ source, partRows }, folder) => {
    const { url, env } = bucketOf(`kill-matrix-${process.pid}/${basename(folder)}`);
    const storage = openStorage(url, { environment: env });
    return {
      args: ['export', '--from', source, '--to', url, '--part-rows', String(partRows)],
      env,
      state: [storage, 'state/'],
      read: () => readDataset(storage),
      files: async () => hashOfParts(storage),
      end: async () => removeAll(storage),
    };
  },
  'import into LanceDB': async ({ dataset }, folder) => {
    const target = join(folder, 'target');
    const state = join(folder, 'state');
    return {
      args: ['import', '--from', dataset, '--to', `lancedb:${target}`, '--batch-size', '4000', '--state', state],
      state: [localStorage(state), 'state/'],
      read: () => readStore(lancedb({ path: target }), 'lancedb'),
      end: async () => {},
    };
  },
  'migration LanceDB → LanceDB': async ({ source }, folder) => {
    const target = join(folder, 'target');
    const state = join(folder, 'state');
    return {
      args: ['migrate', '--from', source, '--to', `lancedb:${target}`, '--batch-size', '4000', '--state', state],
      state: [localStorage(state), 'state/'],
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
      state: [localStorage(state), 'state/'],
      read: () => readStore(qdrant({ url: server.httpUrl, grpcPort: server.grpcPort }), 'qdrant'),
      end: async () => server.close(),
    };
  },
};

/** Kinds of work that need the server `s3` of `npm run servers`. */
export const SERVER_KINDS = ['streamed S3 upload'];

/** @param {Storage} storage */
async function* readDataset(storage) {
  const dataset = await openDataset(storage);
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

/** @param {Storage} storage */
async function hashOfParts(storage) {
  const hash = createHash('sha256');
  for await (const { path } of storage.list('collections/')) {
    if (!path.endsWith('.parquet')) continue;
    const own = createHash('sha256');
    own.update(await storage.read(path));
    hash.update(`${path}\n`).update(own.digest());
  }
  return hash.digest('hex');
}

/** @param {Storage} storage */
async function removeAll(storage) {
  const paths = [];
  for await (const { path } of storage.list('')) paths.push(path);
  await Promise.all(paths.map(async (path) => storage.delete(path)));
}
