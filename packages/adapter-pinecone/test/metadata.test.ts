import { describe, expect, it } from '@jest/globals';
import { metadataText, parseJson } from '@vecport/abstractions';
import { canonicalMetadata, mulberry32, randomInteger } from '@vecport/testkit';
import { seeded, write } from './support/open-fake.js';

const KEYS = [
  'a',
  'b',
  'a.b',
  '',
  '$and',
  '_vecport',
  '_vecport.a',
  '_vecport!',
  '_vecportal',
  '__proto__',
  'ключ',
  'x"y',
  'n\u0000l',
];
const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '1.0',
  '-0.0',
  '1e2',
  '9007199254740993',
  '0.1',
  '1e400',
  '5e-324',
  '""',
  '"x"',
  '"\\u0000"',
  '"\\ud800"',
  '"é"',
  '"{}"',
];

/** A random JSON text, as odd as JSON gets. */
function randomJson(random: () => number, depth: number): string {
  const pick = <T>(items: readonly T[]): T => items[randomInteger(random, 0, items.length - 1)] as T;
  const kind = depth <= 0 ? 0 : randomInteger(random, 0, 3);
  if (kind === 1) {
    const length = randomInteger(random, 0, 3);
    return `[${Array.from({ length }, () => randomJson(random, depth - 1)).join(',')}]`;
  }
  if (kind > 1) return randomObject(random, depth);
  return pick(SCALARS);
}

function randomObject(random: () => number, depth: number): string {
  const keys = KEYS.filter(() => random() < 0.3);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${randomJson(random, depth - 1)}`).join(',')}}`;
}

describe('metadata', () => {
  it('comes back as it was written, whatever it is', async () => {
    const { fake, books } = await seeded(0);
    const random = mulberry32(4);
    const texts = Array.from({ length: 400 }, (_, n) =>
      n % 5 === 0 ? randomJson(random, 2) : randomObject(random, 3),
    );
    const points = texts.map((metadataText, n) => ({
      id: `p${n}`,
      embedding: Float32Array.of(1, n, 0, 0),
      metadataText,
    }));
    expect(await write(books, points)).toEqual({ accepted: texts.length, failed: [] });
    const batch = await books.get(
      points.map(({ id }) => id),
      {},
    );
    texts.forEach((text, row) => {
      expect(canonicalMetadata(metadataText(batch.metadata, row))).toBe(canonicalMetadata(text));
    });
    expect(fake.records('books').length).toBe(texts.length);
  });

  it('is stored as it is where Pinecone holds it', async () => {
    const { fake, books } = await seeded(0);
    const metadata = { text: 'é', n: 1, x: -0.5, yes: true, tags: ['a', 'b'], 'a.b': 1 };
    await write(books, [
      { id: 'a', embedding: Float32Array.of(1, 0, 0, 0), metadata },
      { id: 'b', embedding: Float32Array.of(1, 0, 0, 0) },
    ]);
    expect(fake.records('books').map((record) => record.metadata)).toEqual([metadata, undefined]);
  });

  it('is stored beside in forms that can be compared where Pinecone does not hold it', async () => {
    const { fake, books } = await seeded(0);
    const text =
      '{"n":1.0,"none":null,"mixed":["x",1,true,null],"sizes":[1,2.50],"deep":{"er":{"k":"v","no":null}},"$cost":3}';
    await write(books, [{ id: 'a', embedding: Float32Array.of(1, 0, 0, 0), metadataText: text }]);
    const [stored] = fake.records('books');
    const { _vecport, ...others } = stored?.metadata ?? {};
    expect(others).toEqual({
      n: 1,
      mixed: ['x'],
      '_vecport#mixed': ['1', 'true'],
      '_vecport#sizes': ['1', '2.5'],
      '_vecport.deep.er.k': 'v',
      '_vecport.$cost': 3,
      '_vecport!': ['sizes', 'deep', 'deep.er'],
    });
    expect(parseJson(String(_vecport))).toEqual({ fields: parseJson(text) });
  });

  it('of others is read as it is, numbers in one spelling', async () => {
    const { fake, books } = await seeded(0);
    fake.seed('books', [
      { id: 'a', values: [1, 0, 0, 0], metadata: { n: 3, x: 0.5, big: 1e21, s: '1.0', l: ['b', 'a'] } },
    ]);
    const batch = await books.get(['a'], {});
    expect(metadataText(batch.metadata, 0)).toBe('{"big":1e+21,"l":["b","a"],"n":3,"s":"1.0","x":0.5}');
  });

  it('of more than 40 KB, and what is not JSON, is refused for the point', async () => {
    const { books } = await seeded(0);
    const embedding = Float32Array.of(1, 0, 0, 0);
    const { accepted, failed } = await write(books, [
      { id: 'long', embedding, metadata: { s: 'x'.repeat(41_000) } },
      { id: 'broken', embedding, metadataText: '{"a":' },
      { id: 'good', embedding, metadata: { s: 'x'.repeat(40_000) } },
    ]);
    expect(accepted).toBe(1);
    expect(failed.map(({ id, code }) => [id, code])).toEqual([
      ['long', 'invalid-argument'],
      ['broken', 'invalid-argument'],
    ]);
    expect(failed[0]?.reason).toMatch(/takes 41008 bytes in Pinecone, which takes 40960/);
  });
});
