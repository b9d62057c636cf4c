import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createIdSet } from '../src/id-set.js';
import { hashText } from '../src/text-hash.js';

const anyId = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.integer().map(String));

describe('createIdSet', () => {
  it('says of each id whether it is new, as a Set does', () => {
    fc.assert(
      fc.property(fc.array(anyId), fc.nat({ max: 200 }), (ids, expected) => {
        const ours = createIdSet(expected);
        const theirs = new Set<string>();
        for (const id of [...ids, ...ids]) {
          expect(ours.add(id)).toBe(!theirs.has(id));
          theirs.add(id);
        }
        expect(ours.size).toBe(theirs.size);
      }),
    );
  });

  it('keeps 300,000 ids of each usual form apart, within 24 bytes an id', () => {
    const forms: readonly ((i: number) => string)[] = [
      String,
      (i) => String(2n ** 64n - 1n - BigInt(i)),
      (i) => `0f8fad5b-d9cb-469f-a165-${i.toString(16).padStart(12, '0')}`,
      (i) => `${i.toString(16).padStart(8, '0')}-d9cb-469f-a165-70867728950e`,
      (i) => `${'x'.repeat(500)}${i}`,
      (i) => `${'\0'.repeat(i % 1000)}${Math.floor(i / 1000)}`,
    ];
    for (const form of forms) {
      const ids = createIdSet();
      for (let i = 0; i < 50_000; i++) if (!ids.add(form(i))) throw new Error(`taken for known: ${form(i)}`);
      for (let i = 0; i < 50_000; i++) if (ids.add(form(i))) throw new Error(`taken for new: ${form(i)}`);
      expect(ids.size).toBe(50_000);
      expect(ids.sizeBytes / ids.size).toBeLessThan(24);
    }
  });

  it('spreads every bit of the hash evenly, for ids that differ in one digit', () => {
    const ones = new Array<number>(64).fill(0);
    const hash = { high: 0, low: 0 };
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      hashText(`item-${i}`, hash);
      for (let bit = 0; bit < 32; bit++) {
        ones[bit] = (ones[bit] ?? 0) + ((hash.low >>> bit) & 1);
        ones[32 + bit] = (ones[32 + bit] ?? 0) + ((hash.high >>> bit) & 1);
      }
    }
    // Six standard deviations of a fair coin.
    const margin = 3 * Math.sqrt(count);
    for (const sum of ones) expect(Math.abs(sum - count / 2)).toBeLessThan(margin);
  });
});
