// @ts-check
import { createHash } from 'node:crypto';
import { createDigest, openDataset } from '@vecport/dataset';

/** @typedef {import('@vecport/storage').Storage} Storage */

/**
 * What is in a dataset.
 * @typedef {object} Outcome
 * @property {number} points
 * @property {number} duplicates ids that are there more than once, each time more than once counted
 * @property {number} parts that the manifest names
 * @property {number} doubleParts parts whose place in the plan another one has too, and files of parts that it does not name
 * @property {string} content the digest of all ids, vectors and metadata
 * @property {string} files a hash of all parts with their places in the plan, byte by byte
 */

/**
 * Read a whole dataset.
 * @param {Storage} storage
 * @returns {Promise<Outcome>}
 */
export async function readOutcome(storage) {
  const dataset = await openDataset(storage);
  const collection = dataset.collection();
  const digest = createDigest();
  const ids = new Set();
  let points = 0;
  for await (const batch of dataset.read(collection)) {
    digest.add(batch);
    points += batch.ids.length;
    for (const id of batch.ids) ids.add(id);
  }
  const named = collection.parts.map(({ path }) => path);
  const places = new Set(named.map(placeOf));
  const there = await partFiles(storage);
  const unnamed = [...there.keys()].filter((path) => !named.includes(path)).length;
  const hash = createHash('sha256');
  for (const path of named.toSorted()) {
    const own = createHash('sha256');
    own.update(await storage.read(path));
    hash.update(`${placeOf(path)}\n`).update(own.digest());
  }
  return {
    points,
    duplicates: points - ids.size,
    parts: named.length,
    doubleParts: named.length - places.size + unnamed,
    content: digest.value().content,
    files: hash.digest('hex'),
  };
}

/** The name of a part without what tells apart attempts to write it. @param {string} path */
function placeOf(path) {
  return path.replace(/(part-\d+-\d+)-[0-9a-f]{8}\./, '$1.');
}

/**
 * What is wrong with a dataset, given what one process makes of the same source.
 * @param {Outcome} found
 * @param {Outcome} expected
 * @returns {readonly string[]}
 */
export function problemsOf(found, expected) {
  const problems = [];
  if (found.points !== expected.points) problems.push(`${found.points} points instead of ${expected.points}`);
  if (found.duplicates > 0) problems.push(`${found.duplicates} duplicate ids`);
  if (found.doubleParts > 0) problems.push(`${found.doubleParts} parts too many`);
  if (found.content !== expected.content) problems.push('another digest');
  if (found.files !== expected.files) problems.push('other files');
  return problems;
}

/**
 * The files of parts that are there now, each with its size and when it was last changed.
 * @param {Storage} storage
 * @returns {Promise<ReadonlyMap<string, string>>}
 */
export async function partFiles(storage) {
  const files = new Map();
  for await (const { path, size, modifiedAt } of storage.list('collections/')) {
    if (path.endsWith('.parquet')) files.set(path, `${size} ${modifiedAt}`);
  }
  return files;
}
