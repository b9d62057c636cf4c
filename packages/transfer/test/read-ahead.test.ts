import { describe, expect, it } from '@jest/globals';
import { readAhead } from '../src/read-ahead.js';

describe('readAhead', () => {
  it('gives the same items in the same order', async () => {
    expect(await Array.fromAsync(readAhead(numbers(5)))).toEqual([0, 1, 2, 3, 4]);
    expect(await Array.fromAsync(readAhead(numbers(0)))).toEqual([]);
  });

  it('asks for one item more than it gave, and no further', async () => {
    const source = numbers(10);
    const iterator = readAhead(source);
    await iterator.next();
    await iterator.next();
    expect(source.asked).toBe(3);
    await iterator.return();
  });

  it('closes the source when it is left early', async () => {
    const source = numbers(10);
    for await (const item of readAhead(source)) if (item === 3) break;
    expect(source.closed).toBe(1);
  });

  it('passes an error on after the items before it, and closes once', async () => {
    const source = numbers(10, 2);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const item of readAhead(source)) seen.push(item);
    })();
    await expect(reading).rejects.toThrow('broken at 2');
    expect(seen).toEqual([0, 1]);
    expect(source.closed).toBe(1);
  });
});

function numbers(count: number, failAt = Number.POSITIVE_INFINITY) {
  const state = {
    asked: 0,
    closed: 0,
    async *[Symbol.asyncIterator](): AsyncGenerator<number> {
      try {
        for (let i = 0; i < count; i++) {
          state.asked++;
          if (i === failAt) throw new Error(`broken at ${i}`);
          yield i;
        }
      } finally {
        state.closed++;
      }
    },
  };
  return state;
}
