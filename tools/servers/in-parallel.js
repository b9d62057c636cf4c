// @ts-check

/**
 * Does work for every item, as many at the same time as their weights allow, begun in their order.
 * @template {{ readonly weight: number }} T
 * @template R
 * @param {readonly T[]} items
 * @param {number} limit
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<PromiseSettledResult<R>[]>} in the order of the items
 */
export async function inParallel(items, limit, work) {
  let busy = 0;
  /** @type {(() => void)[]} */
  let waiting = [];
  const next = () => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  return Promise.allSettled(
    items.map(async (item) => {
      while (busy > 0 && busy + item.weight > limit) await new Promise((wake) => waiting.push(() => wake(undefined)));
      busy += item.weight;
      try {
        return await work(item);
      } finally {
        busy -= item.weight;
        next();
      }
    }),
  );
}
