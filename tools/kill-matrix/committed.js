// @ts-check
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What the checkpoints below a folder vouch for.
 * @typedef {object} Committed
 * @property {number} parts
 * @property {number} points points in these parts
 * @property {boolean} first whether the first slice has one: work that is done removes its checkpoints from there on
 */

/** @typedef {{ rows?: number, accepted?: number }} Receipt of a part of a dataset, or of what a store took */

/**
 * Read the checkpoints of a transfer, as they are at this moment.
 * @param {string} state
 * @returns {Promise<Committed>}
 */
export async function readCommitted(state) {
  const paths = await readdir(state, { recursive: true }).catch(noFolder);
  const names = paths.filter((path) => /slice-\d+\.json$/.test(path));
  let parts = 0;
  let points = 0;
  for (const name of names) {
    const receipts = await receiptsIn(join(state, name));
    parts += receipts.length;
    points += receipts.reduce((sum, { rows, accepted }) => sum + (rows ?? accepted ?? 0), 0);
  }
  return { parts, points, first: names.some((path) => path.endsWith('slice-000.json')) };
}

/** @param {string} path @returns {Promise<readonly Receipt[]>} */
async function receiptsIn(path) {
  // A checkpoint goes when the work is done.
  const text = await readFile(path, 'utf8').catch(() => '{"parts":[]}');
  return /** @type {{ parts: readonly Receipt[] }} */ (JSON.parse(text)).parts;
}

/** @param {NodeJS.ErrnoException} error @returns {string[]} */
function noFolder(error) {
  if (error.code === 'ENOENT') return [];
  throw error;
}
