// @ts-check
import { join } from 'node:path';
import { metadataFromTexts } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { createHost } from '@vecport/core';
import { startVecport } from './start-vecport.js';

/**
 * What all runs have in common: a filled source and, of an uninterrupted run, a dataset of it to import.
 * @typedef {object} Bench
 * @property {string} folder where everything is; the caller makes and removes it
 * @property {readonly string[]} command the command line of `vecport`, to which arguments are added
 * @property {number} points
 * @property {number} partRows rows of a part of the exports that are killed
 * @property {string} source the store URL of the source
 * @property {string} dataset the dataset that is imported, in large parts
 */

const DIMENSION = 16;
const BATCH = 20_000;
export const COLLECTION = 'items';

/**
 * @param {{ folder: string, command: readonly string[], points: number, partRows: number }} options
 * @returns {Promise<Bench>}
 */
export async function prepareBench({ folder, command, points, partRows }) {
  const data = join(folder, 'data');
  await fill(data, points);
  const source = `lancedb:${data}#${COLLECTION}`;
  const dataset = join(folder, 'dataset');
  const exported = await startVecport(command, [
    ...['export', '--from', source, '--to', dataset],
    ...['--part-rows', String(Math.ceil(points / 8))],
  ]).exit;
  if (exported.code !== 0) throw new Error(`The dataset cannot be exported:\n${exported.stderr}`);
  return { folder, command, points, partRows, source, dataset };
}

/** The id of the n-th point. @param {number} n */
export function idOf(n) {
  return `point-${n}`;
}

/** @param {string} path @param {number} points */
async function fill(path, points) {
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [lancedb({ path })] });
  try {
    const store = await host.catalog.open('lancedb');
    await store.create({
      name: COLLECTION,
      idKinds: ['string'],
      // Not cosine: every store of the matrix keeps these vectors bit by bit, so that one digest is right for all.
      vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric: 'euclidean' } },
      fields: [{ name: 'n', type: 'integer' }],
    });
    const repository = await store.repository(COLLECTION);
    for (let start = 0; start < points; start += BATCH) {
      await repository.upsertMany(batchOf(start, Math.min(points, start + BATCH)));
    }
  } finally {
    await host.close();
  }
}

/** @param {number} start @param {number} end @returns {import('@vecport/abstractions').VectorBatch} */
function batchOf(start, end) {
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  const values = Float32Array.from({ length: rows.length * DIMENSION }, (_, at) => Math.sin(start * DIMENSION + at));
  return {
    ids: rows.map(idOf),
    vectors: { default: { kind: 'dense', dimension: DIMENSION, values } },
    metadata: metadataFromTexts(rows.map((n) => `{"n":${n},"title":"Point ${n}","half":${n}.5}`)),
  };
}
