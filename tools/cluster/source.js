// @ts-check
import { metadataFromTexts } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { qdrant } from '@vecport/adapter-qdrant';
import { createHost } from '@vecport/core';

/** @typedef {import('@vecport/abstractions').VectorBatch} VectorBatch */

export const COLLECTION = 'items';
const DIMENSION = 64;
const BATCH = 10_000;

/** The id of the n-th point. @param {number} n */
export function idOf(n) {
  return `point-${n}`;
}

/** Fill a LanceDB folder with points. @param {string} path @param {number} points */
export async function fillLance(path, points) {
  await fill(lancedb({ path }), 'lancedb', points, 'string');
}

/** Fill a Qdrant with points, whose ids are numbers. @param {string} url @param {number} grpcPort @param {number} points */
export async function fillQdrant(url, grpcPort, points) {
  await fill(qdrant({ url, grpcPort }), 'qdrant', points, 'integer');
}

/**
 * @param {ReturnType<typeof lancedb>} module
 * @param {string} name
 * @param {number} points
 * @param {'string' | 'integer'} idKind
 */
async function fill(module, name, points, idKind) {
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [module] });
  try {
    const store = await host.catalog.open(name);
    await store.create({
      name: COLLECTION,
      idKinds: [idKind],
      vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric: 'euclidean' } },
      fields: [{ name: 'n', type: 'integer' }],
    });
    const repository = await store.repository(COLLECTION);
    for (let start = 0; start < points; start += BATCH) {
      await repository.upsertMany(batchOf(start, Math.min(points, start + BATCH), idKind));
    }
  } finally {
    await host.close();
  }
}

/**
 * @param {number} start
 * @param {number} end
 * @param {'string' | 'integer'} idKind
 * @returns {VectorBatch}
 */
function batchOf(start, end, idKind) {
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  const values = Float32Array.from({ length: rows.length * DIMENSION }, (_, at) => Math.sin(start * DIMENSION + at));
  return {
    ids: rows.map((n) => (idKind === 'string' ? idOf(n) : String(n))),
    vectors: { default: { kind: 'dense', dimension: DIMENSION, values } },
    metadata: metadataFromTexts(rows.map((n) => `{"n":${n},"title":"Point ${n}","half":${n}.5}`)),
  };
}
