// @ts-check

/** @typedef {import('@vecport/storage').Storage} Storage */

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
 * @param {Storage} storage
 * @param {string} folder where they are in it, ending in `/`
 * @returns {Promise<Committed>}
 */
export async function readCommitted(storage, folder) {
  return createCommittedReader(storage, folder)();
}

/**
 * Reads the same again and again, and of checkpoints only those that have another size than the last time: each part
 * makes one larger.
 * @param {Storage} storage
 * @param {string} folder
 * @returns {() => Promise<Committed>}
 */
export function createCommittedReader(storage, folder) {
  /** @type {Map<string, { size: number, receipts: readonly Receipt[] }>} */
  const known = new Map();
  return async () => {
    /** @type {string[]} */
    const names = [];
    /** @type {Promise<unknown>[]} */
    const reads = [];
    for await (const { path, size } of storage.list(folder)) {
      if (!/slice-\d+\.json$/.test(path)) continue;
      names.push(path);
      if (known.get(path)?.size === size) continue;
      reads.push(receiptsIn(storage, path).then((receipts) => known.set(path, { size, receipts })));
    }
    await Promise.all(reads);
    const receipts = names.flatMap((path) => known.get(path)?.receipts ?? []);
    return {
      parts: receipts.length,
      points: receipts.reduce((sum, { rows, accepted }) => sum + (rows ?? accepted ?? 0), 0),
      first: names.some((path) => path.endsWith('slice-000.json')),
    };
  };
}

/** @param {Storage} storage @param {string} path @returns {Promise<readonly Receipt[]>} */
async function receiptsIn(storage, path) {
  // A checkpoint goes when the work is done.
  const bytes = await storage.read(path).catch(async (error) => {
    if ((await storage.head(path)) === undefined) return Buffer.from('{"parts":[]}');
    throw error;
  });
  const text = Buffer.from(bytes).toString();
  return /** @type {{ parts: readonly Receipt[] }} */ (JSON.parse(text)).parts;
}
