// @ts-check
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { localStorage } from '@vecport/storage';
import { startFakeQdrant } from '@vecport/testkit';
import { readOutcome } from './outcome.js';
import { COLLECTION, fillLance, fillQdrant } from './source.js';
import { runVecport } from './start-vecport.js';

/**
 * A source, and what one process makes of it.
 * @typedef {object} Bench
 * @property {string} folder of everything; the caller makes and removes it
 * @property {string} source the store URL
 * @property {number} points
 * @property {number} partRows
 * @property {import('./outcome.js').Outcome} expected
 * @property {() => Promise<void>} close
 */

/** A source over the network. @typedef {Bench & { ports: { http: number, grpc: number } }} QdrantBench */

/**
 * A LanceDB folder.
 * @param {string} folder
 * @param {{ points: number, partRows: number }} size
 * @returns {Promise<Bench>}
 */
export async function lanceBench(folder, { points, partRows }) {
  const data = join(folder, 'data');
  await fillLance(data, points);
  const source = `lancedb:${data}#${COLLECTION}`;
  const expected = await singleRun(join(folder, 'single'), source, partRows);
  return { folder, source, points, partRows, expected, close: async () => {} };
}

/**
 * A fake Qdrant in this process: a source that is reached over the network.
 * @param {string} folder
 * @param {{ points: number, partRows: number }} size
 * @returns {Promise<QdrantBench>}
 */
export async function qdrantBench(folder, { points, partRows }) {
  const server = await startFakeQdrant();
  try {
    await fillQdrant(server.httpUrl, server.grpcPort, points);
    const ports = { http: server.httpPort, grpc: server.grpcPort };
    const source = qdrantUrl(ports);
    const expected = await singleRun(join(folder, `single-${points}`), source, partRows);
    return { folder, source, points, partRows, expected, ports, close: async () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** @param {{ http: number, grpc: number }} ports */
export function qdrantUrl({ http, grpc }) {
  return `qdrant://127.0.0.1:${http}/${COLLECTION}?grpc-port=${grpc}`;
}

/** @param {string} out @param {string} source @param {number} partRows */
async function singleRun(out, source, partRows) {
  await runVecport(['export', '--from', source, '--to', out, '--part-rows', String(partRows)]);
  return readOutcome(localStorage(out));
}

let folders = 0;

/**
 * @template T
 * @param {Pick<Bench, 'folder'>} bench
 * @param {(folder: string) => Promise<T>} use
 */
export async function inFolder({ folder }, use) {
  const own = join(folder, `run-${++folders}`);
  await mkdir(own);
  try {
    return await use(own);
  } finally {
    await rm(own, { recursive: true, force: true, maxRetries: 3 });
  }
}
