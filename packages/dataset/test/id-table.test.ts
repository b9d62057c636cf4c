import { describe, expect, it } from '@jest/globals';
import { createIdTable } from '@vecport/dataset';
import fc from 'fast-check';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('a table of ids', () => {
  it('gives the words that were put in last, and nothing for other ids', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), word, word)), fc.string(), (entries, other) => {
        const table = createIdTable();
        const expected = new Map<string, readonly [number, number]>();
        for (const [id, high, low] of entries) {
          table.put(id, high, low);
          expected.set(id, [high, low]);
        }
        expect(table.size).toBe(expected.size);
        for (const [id, words] of expected) {
          const at = table.find(id);
          expect([table.high(at), table.low(at)]).toEqual(words);
        }
        if (!expected.has(other)) expect(table.find(other)).toBe(-1);
      }),
    );
  });

  it('keeps words that are set at a place, in 16 to 48 bytes an id however many there are', () => {
    const table = createIdTable();
    for (let n = 0; n < 20_000; n++) table.put(`point-${n}`, n, 1);
    for (let n = 0; n < 20_000; n += 2) table.set(table.find(`point-${n}`), 0, 0);
    for (let n = 0; n < 20_000; n++) {
      const at = table.find(`point-${n}`);
      expect([table.high(at), table.low(at)]).toEqual(n % 2 === 0 ? [0, 0] : [n, 1]);
    }
    expect(table.sizeBytes / table.size).toBeGreaterThanOrEqual(16);
    expect(table.sizeBytes / table.size).toBeLessThanOrEqual(48);
  });
});
