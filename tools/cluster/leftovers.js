// @ts-check

/** What has to be ended when this program is interrupted. @type {Set<() => unknown>} */
const leftovers = new Set();

/**
 * Remember what ends something, for the case that this program is interrupted before.
 * @param {() => unknown} end
 * @returns {() => void} forget it: it has ended
 */
export function rememberToEnd(end) {
  leftovers.add(end);
  return () => void leftovers.delete(end);
}

/** From now on, SIGINT and SIGTERM end everything that is remembered, and then this program. */
export function endOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => void endAll().finally(() => process.exit(130)));
  }
}

async function endAll() {
  await Promise.allSettled([...leftovers].map(async (end) => end()));
}
