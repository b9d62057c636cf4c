import { afterEach, describe, expect, it } from '@jest/globals';
import { computeContentHash, type EmbeddingEntry, type IEmbeddingCache } from '@vecport/embedding-cache';
import fc from 'fast-check';
import { bitsOf, floatsOf, ODD_BITS } from './bits.js';

const HASH = computeContentHash('a text');
const OTHER = computeContentHash('another text');

const entry = (text: string, modelId: string, ...numbers: number[]): EmbeddingEntry => {
  return { contentHash: computeContentHash(text), modelId, embedding: Float32Array.from(numbers) };
};

/** What every cache keeps to. `openCache` gives a new, empty one. */
export function describeEmbeddingCache(name: string, openCache: () => Promise<IEmbeddingCache>): void {
  describe(name, () => {
    const open: IEmbeddingCache[] = [];

    afterEach(async () => {
      await Promise.all(open.splice(0).map(async (cache) => cache.close()));
    });

    async function newCache(): Promise<IEmbeddingCache> {
      const cache = await openCache();
      open.push(cache);
      return cache;
    }

    it('finds an embedding by text and model, and by nothing else', async () => {
      const cache = await newCache();
      expect(await cache.get(HASH, 'm')).toBeUndefined();
      await cache.set(HASH, 'm', Float32Array.of(1, 2, 3));
      expect(await cache.get(HASH, 'm')).toEqual(Float32Array.of(1, 2, 3));
      expect(await cache.get(OTHER, 'm')).toBeUndefined();
      for (const model of ['M', 'm ', 'mm', 'm\0']) expect(await cache.get(HASH, model)).toBeUndefined();
    });

    it('keeps every bit', async () => {
      const cache = await newCache();
      await cache.set(HASH, 'odd', floatsOf(ODD_BITS));
      expect(bitsOf(await cache.get(HASH, 'odd'))).toEqual(ODD_BITS);
      const bits = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 5, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(bits, fc.string({ unit: 'binary' }), async (numbers, text) => {
          const hash = computeContentHash(text);
          await cache.set(hash, 'any', floatsOf(numbers));
          expect(bitsOf(await cache.get(hash, 'any'))).toEqual(numbers);
        }),
        { numRuns: 50 },
      );
    });

    it('gives and takes copies: nobody changes what is stored', async () => {
      const cache = await newCache();
      const whole = Float32Array.of(9, 1, 2, 9);
      const given = cache.set(HASH, 'm', whole.subarray(1, 3));
      whole.fill(0);
      await given;
      const first = await cache.get(HASH, 'm');
      expect(first).toEqual(Float32Array.of(1, 2));
      expect(first?.buffer.byteLength).toBe(8);
      first?.fill(7);
      expect(await cache.get(HASH, 'm')).toEqual(Float32Array.of(1, 2));
    });

    it('replaces an embedding, and counts it once', async () => {
      const cache = await newCache();
      await cache.set(HASH, 'm', Float32Array.of(1));
      await cache.set(HASH, 'm', Float32Array.of(2));
      await cache.setMany([entry('a text', 'm', 3), entry('another text', 'm', 4), entry('a text', 'm', 5)]);
      expect(await cache.get(HASH, 'm')).toEqual(Float32Array.of(5));
      expect(await cache.stats()).toMatchObject({ entries: 2, bytes: 8 });
    });

    it('counts entries, bytes and models, by the bytes of their ids, and hits and misses', async () => {
      const cache = await newCache();
      expect(await cache.stats()).toEqual({ entries: 0, bytes: 0, models: [], hits: 0, misses: 0 });
      await cache.setMany([
        entry('x', '\u{1f600}', 1, 2),
        entry('y', '\u{ffee}', 1, 2, 3),
        entry('z', '\u{ffee}', 4, 5, 6),
      ]);
      await cache.get(computeContentHash('x'), '\u{1f600}');
      await cache.get(computeContentHash('y'), '\u{1f600}');
      await cache.get(computeContentHash('y'), 'unknown');
      expect(await cache.stats()).toEqual({
        entries: 3,
        bytes: 32,
        models: [
          { modelId: '\u{ffee}', dimension: 3, entries: 2 },
          { modelId: '\u{1f600}', dimension: 2, entries: 1 },
        ],
        hits: 1,
        misses: 2,
      });
    });

    it('refuses another dimension for the same model, and then stores nothing of the call', async () => {
      const cache = await newCache();
      await cache.set(HASH, 'm', Float32Array.of(1, 2));
      const refusal = {
        name: 'VecportError',
        code: 'dimension-mismatch',
        message: expect.stringMatching(/3 dimensions.*"m".*have 2/),
      };
      await expect(cache.set(OTHER, 'm', Float32Array.of(1, 2, 3))).rejects.toMatchObject(refusal);
      const mixed = [entry('new', 'n', 1), entry('another text', 'm', 1, 2), entry('a text', 'm', 1, 2, 3)];
      await expect(cache.setMany(mixed)).rejects.toMatchObject(refusal);
      const unequal = [entry('new', 'n', 1), entry('newer', 'n', 1, 2)];
      await expect(cache.setMany(unequal)).rejects.toMatchObject({ code: 'dimension-mismatch' });
      expect(await cache.get(OTHER, 'm')).toBeUndefined();
      expect(await cache.stats()).toMatchObject({ models: [{ modelId: 'm', dimension: 2, entries: 1 }] });
    });

    it('clears one model or all, gives the number, and forgets the dimension', async () => {
      const cache = await newCache();
      await cache.setMany([entry('x', 'a', 1), entry('x', 'b', 1), entry('y', 'b', 1), entry('x', 'c', 1)]);
      expect(await cache.clear({ modelId: 'unknown' })).toBe(0);
      expect(await cache.clear({ modelId: 'b' })).toBe(2);
      const hash = computeContentHash('x');
      expect(await cache.get(hash, 'b')).toBeUndefined();
      expect(await cache.get(hash, 'a')).toEqual(Float32Array.of(1));
      expect(await cache.get(hash, 'c')).toEqual(Float32Array.of(1));
      await cache.set(hash, 'b', Float32Array.of(1, 2));
      expect(await cache.clear()).toBe(3);
      expect(await cache.stats()).toMatchObject({ entries: 0, models: [] });
      expect(await cache.get(hash, 'a')).toBeUndefined();
    });

    it('agrees with a map, whatever is done', async () => {
      const text = fc.constantFrom('p', 'q', 'r');
      const modelId = fc.constantFrom('a', 'b');
      const action = fc.oneof(
        fc.record({ kind: fc.constant('set' as const), text, modelId, value: fc.integer() }),
        fc.record({ kind: fc.constant('clear' as const), modelId }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
          const cache = await newCache();
          const expected = new Map<string, number>();
          for (const one of actions) {
            if (one.kind === 'set') {
              await cache.setMany([entry(one.text, one.modelId, one.value)]);
              expected.set(`${one.modelId}${one.text}`, Math.fround(one.value));
            } else {
              const names = [...expected.keys()].filter((name) => name.startsWith(one.modelId));
              expect(await cache.clear({ modelId: one.modelId })).toBe(names.length);
              for (const name of names) expected.delete(name);
            }
          }
          for (const name of ['ap', 'aq', 'ar', 'bp', 'bq', 'br']) {
            const found = await cache.get(computeContentHash(name.slice(1)), name.slice(0, 1));
            expect(found?.[0]).toBe(expected.get(name));
          }
          expect((await cache.stats()).entries).toBe(expected.size);
        }),
        { numRuns: 10 },
      );
    });

    it('refuses malformed keys and embeddings before anything is stored', async () => {
      const cache = await newCache();
      const one = Float32Array.of(1);
      const refused = { name: 'VecportError', code: 'invalid-argument' };
      for (const hash of ['', 'x', HASH.toUpperCase(), `${HASH}0`, `${HASH}\n`]) {
        await expect(cache.set(hash, 'm', one)).rejects.toMatchObject(refused);
        await expect(cache.get(hash, 'm')).rejects.toMatchObject(refused);
      }
      for (const modelId of ['', '\ud800', 'é'.repeat(257)]) {
        await expect(cache.set(HASH, modelId, one)).rejects.toMatchObject(refused);
        await expect(cache.get(HASH, modelId)).rejects.toMatchObject(refused);
        await expect(cache.clear({ modelId })).rejects.toMatchObject(refused);
      }
      await expect(cache.set(HASH, 'm', new Float32Array(0))).rejects.toMatchObject(refused);
      for (const notFloats of [[1], new Float64Array(1)]) {
        await expect(cache.set(HASH, 'm', notFloats as unknown as Float32Array)).rejects.toMatchObject(refused);
      }
      await cache.set(HASH, 'é'.repeat(256), one);
      expect(await cache.stats()).toMatchObject({ entries: 1, hits: 0, misses: 0 });
    });

    it('takes any iterable, also an empty one, and stores nothing when it fails', async () => {
      const cache = await newCache();
      await cache.setMany([]);
      const reason = new Error('no more');
      function* failing(): Generator<EmbeddingEntry> {
        yield entry('x', 'm', 1);
        throw reason;
      }
      await expect(cache.setMany(failing())).rejects.toBe(reason);
      expect(await cache.stats()).toMatchObject({ entries: 0, models: [] });
    });

    it('throws the abort reason as it is, and does nothing', async () => {
      const cache = await newCache();
      await cache.set(HASH, 'm', Float32Array.of(1));
      const reason = new Error('enough');
      const options = { signal: AbortSignal.abort(reason) };
      await expect(cache.get(HASH, 'm', options)).rejects.toBe(reason);
      await expect(cache.set(OTHER, 'm', Float32Array.of(1), options)).rejects.toBe(reason);
      await expect(cache.setMany([entry('x', 'm', 1)], options)).rejects.toBe(reason);
      await expect(cache.stats(options)).rejects.toBe(reason);
      await expect(cache.clear(options)).rejects.toBe(reason);
      expect(await cache.stats()).toMatchObject({ entries: 1, hits: 0, misses: 0 });
    });

    it('says so when it is used after it was closed', async () => {
      const cache = await newCache();
      await cache.close();
      await cache.close();
      const closed = { name: 'VecportError', code: 'invalid-argument', reason: 'The embedding cache was closed.' };
      await expect(cache.get(HASH, 'm')).rejects.toMatchObject(closed);
      await expect(cache.set(HASH, 'm', Float32Array.of(1))).rejects.toMatchObject(closed);
      await expect(cache.stats()).rejects.toMatchObject(closed);
      await expect(cache.clear()).rejects.toMatchObject(closed);
    });
  });
}
