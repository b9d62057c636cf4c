// @ts-check
import { createHash } from 'node:crypto';
import { metadataFromTexts } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { qdrant } from '@vecport/adapter-qdrant';
import { createHost } from '@vecport/core';

/** @typedef {import('@vecport/abstractions').VectorBatch} VectorBatch */

export const COLLECTION = 'items';
const DIMENSION = 64;
const BATCH = 10_000;

/** A UUID that has its digits from the number of a point. @param {number} n */
function uuidOf(n) {
  const hex = createHash('sha256').update(String(n)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Fill a LanceDB folder with points. @param {string} path @param {number} points */
export async function fillLance(path, points) {
  await fill(lancedb({ path }), 'lancedb', points, 'string');
}

/** Fill a Qdrant with points, whose ids are UUIDs: it is read in slices of those. @param {string} url @param {number} grpcPort @param {number} points */
export async function fillQdrant(url, grpcPort, points) {
  await fill(qdrant({ url, grpcPort }), 'qdrant', points, 'uuid');
}

/**
 * @param {ReturnType<typeof lancedb>} module
 * @param {string} name
 * @param {number} points
 * @param {'string' | 'uuid'} idKind
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
 * @param {'string' | 'uuid'} idKind
 * @returns {VectorBatch}
 */
function batchOf(start, end, idKind) {
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  const values = Float32Array.from({ length: rows.length * DIMENSION }, (_, at) => Math.sin(start * DIMENSION + at));
  return {
    ids: rows.map((n) => (idKind === 'string' ? `point-${n}` : uuidOf(n))),
    vectors: { default: { kind: 'dense', dimension: DIMENSION, values } },
    metadata: metadataFromTexts(rows.map((n) => `{"n":${n},"title":"Point ${n}","half":${n}.5}`)),
  };
}
