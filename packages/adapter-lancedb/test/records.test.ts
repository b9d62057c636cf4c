import { afterAll, describe, expect, it, jest } from '@jest/globals';
import {
  batchFromRecords,
  hasVector,
  metadataText,
  rows,
  sliceBatch,
  type VectorBatch,
  type VectorRecord,
  vectorAt,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-lancedb';
import { goldenPoints, removeTempFolders } from '@vecport/testkit';
import { describes, exported, newCollection, newStore, points, write } from './support/tables.js';

jest.setTimeout(60_000);

/** What a batch holds, in a form that compares bit for bit. */
function contents(batches: readonly VectorBatch[]): Map<string, unknown> {
  return new Map(
    batches.flatMap((batch) =>
      [...rows(batch)].map(({ id, embedding, metadataText: text }) => [
        id,
        { bits: embedding && [...new Uint32Array(embedding.slice().buffer)], text },
      ]),
    ),
  );
}

afterAll(removeTempFolders);

describe('records', () => {
  it('come back bit for bit after the store was opened again: ids, floats, metadata', async () => {
    const { store, path } = await newStore();
    const golden: VectorRecord[] = [
      ...goldenPoints(),
      { id: 'no metadata', embedding: Float32Array.of(1, 2, 3, 4) },
      { id: 'no vector', metadataText: '{"a":1.0}' },
    ];
    await write(await newCollection(store, describes('golden', 4)), golden);
    await store.close();
    const again = await adapter.open({ path }, {});
    const collection = await again.collection('golden', {});
    const expected = contents([batchFromRecords(golden)]);
    expect(contents(await exported(collection, { batchSize: 7 }))).toEqual(expected);
    expect(
      contents([
        await collection.get(
          golden.map(({ id }) => id),
          {},
        ),
      ]),
    ).toEqual(expected);
  });

  it('may be views into a larger batch', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('views', 2));
    const batch = batchFromRecords(points(0, 30));
    await collection.upsertMany(sliceBatch(batch, 10, 20), {});
    expect(contents(await exported(collection))).toEqual(contents([sliceBatch(batch, 10, 20)]));
  });

  it('keep vectors of several names and kinds, and which of them are missing', async () => {
    const { store } = await newStore();
    const collection = await newCollection(
      store,
      describes('named', 2, {
        vectors: {
          default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'dot' },
          'a.b': { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'cosine' },
          a_b: { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'cosine' },
        },
      }),
    );
    const matrix = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
    await write(collection, [
      { id: '1', vectors: { default: Float32Array.of(1, 1), 'a.b': Float32Array.of(1, 2, 3), a_b: matrix } },
      { id: '2', vectors: { 'a.b': Float32Array.of(4, 5, 6), a_b: [] } },
      { id: '3', embedding: Float32Array.of(2, 2) },
      { id: '4', vectors: { a_b: matrix.slice(1) } },
    ]);
    const { vectors } = await collection.get(['1', '2', '3', '4'], {});
    const values = (name: string): unknown[] =>
      [0, 1, 2, 3].map((row) => vectors[name] && vectorAt(vectors[name], row));
    expect(values('default')).toEqual([Float32Array.of(1, 1), undefined, Float32Array.of(2, 2), undefined]);
    expect(values('a.b')).toEqual([Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6), undefined, undefined]);
    expect(values('a_b')).toEqual([matrix, [], undefined, matrix.slice(1)]);
    const zeros = vectors['default']?.values.subarray(2, 4);
    expect(zeros).toEqual(Float32Array.of(0, 0));
  });

  it('replace the point with their id, vectors they lack included', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('replace', 2));
    await write(collection, points(0, 3));
    await write(collection, [{ id: 'p1', metadataText: '2' }]);
    const found = await collection.get(['p1'], {});
    expect(found.vectors['default'] && hasVector(found.vectors['default'], 0)).toBe(false);
    expect(metadataText(found.metadata, 0)).toBe('2');
    expect(await collection.count(undefined, {})).toBe(3);
  });

  it('are got in the order asked, each once, those that are not there left out', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('got', 2));
    for (let from = 0; from < 3000; from += 1000) await write(collection, points(from, from + 1000));
    const wanted = Array.from({ length: 2500 }, (_, at) => `p${2999 - at}`);
    const found = await collection.get([...wanted, 'gone', 'p2999', "'"], {});
    expect(found.ids).toEqual(wanted);
    expect((await collection.get(['gone'], {})).ids).toEqual([]);
    expect((await collection.get([], {})).ids).toEqual([]);
  });
});

describe('a point that would be stored as something else', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

  it('is reported with its reason, and the others are written', async () => {
    const { store } = await newStore();
    const fields = [{ name: 'n', type: 'integer' }] as const;
    const collection = await newCollection(store, describes('refused', 2, { fields }));
    const batch = batchFromRecords([
      { id: 'nan', embedding: Float32Array.of(Number.NaN, 1), metadataText: '{}' },
      { id: 'inf', embedding: Float32Array.of(1, Number.NEGATIVE_INFINITY), metadataText: '{}' },
      { id: 'half \ud800', embedding: Float32Array.of(1, 1), metadataText: '{}' },
      { id: 'zero', embedding: Float32Array.of(0, 0), metadataText: '{}' },
      { id: 'json', embedding: Float32Array.of(1, 1), metadataText: '{"n":' },
      { id: 'fine', embedding: Float32Array.of(1, 1), metadataText: '{"n":1}' },
    ]);
    const report = await collection.upsertMany(batch, {});
    expect(report.accepted).toBe(2);
    expect(report.failed).toEqual([
      { id: 'nan', code: 'invalid-argument', reason: expect.stringContaining('not a finite number') },
      { id: 'inf', code: 'invalid-argument', reason: expect.stringContaining('not a finite number') },
      { id: 'half \ud800', code: 'invalid-argument', reason: expect.stringContaining('not Unicode text') },
      { id: 'json', code: 'invalid-argument', reason: expect.stringContaining('not JSON') },
    ]);
    expect([...contents(await exported(collection)).keys()].toSorted()).toEqual(['fine', 'zero']);
    expect(await collection.count({ op: 'eq', field: 'n', value: 1 }, {})).toBe(1);
  });

  it('is found by the bytes of its metadata too', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('bytes', 2));
    const metadata = { bytes: bytes('"\xff""ok"'), offsets: Uint32Array.of(0, 3, 7) };
    const batch: VectorBatch = { ...batchFromRecords(points(0, 2)), metadata };
    const report = await collection.upsertMany(batch, {});
    expect(report).toEqual({
      accepted: 1,
      failed: [{ id: 'p0', code: 'invalid-argument', reason: expect.stringContaining('not UTF-8') }],
    });
    expect(contents(await exported(collection)).get('p1')).toMatchObject({ text: '"ok"' });
  });

  it('breaks no write when all points are like that', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('all', 2));
    const batch = batchFromRecords([{ id: 'a', embedding: Float32Array.of(Number.NaN, 0) }]);
    expect(await collection.upsertMany(batch, {})).toMatchObject({ accepted: 0, failed: [{ id: 'a' }] });
  });
});
