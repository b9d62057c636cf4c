// @ts-check
import { KINDS } from './kinds.js';

/** @typedef {import('./kill-run.js').Cell} Cell */
/** @typedef {import('./kill-run.js').Run} Run */
/** @typedef {import('./kill-run.js').Outcome} Outcome */

const WORKERS = [1, 2, 8];

/**
 * Every kind with every number of workers and every other number on resume.
 * @returns {readonly Cell[]}
 */
export function allCells() {
  return Object.keys(KINDS).flatMap((kind) =>
    WORKERS.flatMap((workers) =>
      WORKERS.filter((other) => other !== workers).map((resumedWith) => ({ kind, workers, resumedWith })),
    ),
  );
}

/** @param {Cell} cell */
export function cellName({ kind, workers, resumedWith }) {
  return `${kind}, ${workers} → ${resumedWith}`;
}

/**
 * What is wrong with what a run has at its target in the end, given what an uninterrupted one of its kind has.
 * @param {Outcome} found
 * @param {Outcome} expected
 * @returns {readonly string[]}
 */
export function problemsOf(found, expected) {
  const problems = [];
  if (found.points !== expected.points) problems.push(`${found.points} points instead of ${expected.points}`);
  if (found.duplicates > 0) problems.push(`${found.duplicates} duplicates`);
  if (found.missing > 0) problems.push(`${found.missing} ids missing`);
  if (found.content !== expected.content) problems.push('another digest');
  if (found.files !== expected.files) problems.push('other files');
  return problems;
}
