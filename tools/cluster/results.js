// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What was run last of each kind, from which the page is written.
 * @typedef {object} Results
 * @property {Batch<import('./run-kills.js').KillRun>} [kills]
 * @property {Batch<import('./run-network.js').NetworkRun>} [network]
 * @property {Batch<import('./run-gone.js').GoneRun>} [gone]
 */

/**
 * Runs of one kind.
 * @template Run
 * @typedef {object} Batch
 * @property {string} date
 * @property {string} command
 * @property {number} points of the source
 * @property {readonly Run[]} runs
 */

const PATH = join(import.meta.dirname, 'results.json');

/** @returns {Results} */
export function readResults() {
  return JSON.parse(readFileSync(PATH, 'utf8'));
}

/** @param {Results} results */
export function writeResults(results) {
  writeFileSync(PATH, `${JSON.stringify(results, null, 2)}\n`);
}
