import { describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  contains,
  eq,
  type Filter,
  type IVectorSearchRepository,
  metadataText,
  not,
  rows,
  type SearchQuery,
  type VectorRecord,
} from '@vecport/abstractions';
import { createRepository } from '@vecport/core';
import fc from 'fast-check';
import { description, type FakeDriver, type FakeOptions, fakeDriver, traits } from './fakes/fake-driver.js';

function make(options: FakeOptions = {}): {
  readonly driver: FakeDriver;
  readonly repository: IVectorSearchRepository;
} {
  const driver = fakeDriver(options);
  return { driver, repository: createRepository(driver, { provider: 'fake', collection: 'items' }) };
}

function record(id: string, metadata?: unknown): VectorRecord {
  return { id, embedding: Float32Array.of(1, 2), metadata };
}

function writtenIds(driver: FakeDriver): readonly (readonly string[])[] {
  return driver.written.map((batch) => batch.ids);
}

describe('writing', () => {
  it('splits by points, in order, and merges the reports', async () => {
    const { driver, repository } = make({
      upsertMany: async (batch) => {
        driver.written.push(batch);
        return { accepted: batch.ids.length - 1, failed: [{ id: batch.ids[0] ?? '', code: 'conflict', reason: 'no' }] };
      },
    });
    const report = await repository.upsertMany(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => record(id)));
    expect(writtenIds(driver)).toEqual([['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
    expect(report.accepted).toBe(4);
    expect(report.failed.map(({ id }) => id)).toEqual(['a', 'd', 'g']);
  });

  it('keeps an empty list of vectors apart from a missing one', async () => {
    const multi = { kind: 'multi', dimension: 2, elementType: 'float32' } as const;
    const { driver, repository } = make({ describe: async () => ({ ...description, vectors: { tokens: multi } }) });
    await repository.upsertMany([{ id: 'empty', vectors: { tokens: [] } }, { id: 'missing' }]);
    expect(driver.written.map(({ vectors }) => vectors['tokens'])).toEqual([
      {
        kind: 'multi',
        dimension: 2,
        offsets: Uint32Array.of(0, 0, 0),
        values: new Float32Array(0),
        missing: Uint8Array.of(0, 1),
      },
    ]);
  });

  it('splits by bytes and reports a point that is larger than a request', async () => {
    const { driver, repository } = make();
    const points = [
      record('a', 'x'.repeat(600)),
      record('b', 'y'.repeat(600)),
      record('c', 'z'.repeat(2000)),
      record('d'),
    ];
    const report = await repository.upsertMany(points);
    expect(writtenIds(driver)).toEqual([['a'], ['b'], ['d']]);
    expect(report).toEqual({
      accepted: 3,
      failed: [{ id: 'c', code: 'invalid-argument', reason: expect.stringMatching(/2011 bytes.*takes 1000/) }],
    });
    expect(metadataText(driver.written[1]?.metadata ?? batchFromRecords([]).metadata, 0)).toBe(`"${'y'.repeat(600)}"`);
  });

  it('never exceeds the limits, loses, repeats or reorders a point', async () => {
    const point = fc.record({ id: fc.stringMatching(/^[a-z]{1,6}$/), size: fc.nat(900) });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(point, { selector: ({ id }) => id, maxLength: 30 }), async (points) => {
        const { driver, repository } = make();
        const report = await repository.upsertMany(points.map(({ id, size }) => record(id, 'm'.repeat(size))));
        expect(writtenIds(driver).flat()).toEqual(points.map(({ id }) => id));
        expect(report).toEqual({ accepted: points.length, failed: [] });
        for (const batch of driver.written) expect(batch.ids.length).toBeLessThanOrEqual(traits.maxWritePoints);
        const texts = driver.written.flatMap((batch) => [...rows(batch)].map((row) => row.metadata));
        expect(texts).toEqual(points.map(({ size }) => 'm'.repeat(size)));
      }),
      { numRuns: 50 },
    );
  });

  it('writes the last of points with the same id', async () => {
    const { driver, repository } = make();
    const report = await repository.upsertMany([record('a', 1), record('b', 2), record('a', 3)]);
    expect(report.accepted).toBe(2);
    expect(driver.written.flatMap((batch) => [...rows(batch)].map(({ id, metadata }) => [id, metadata]))).toEqual([
      ['b', 2],
      ['a', 3],
    ]);
  });

  it.each([
    ['', /is empty/],
    ['seventeen bytes!!', /17 bytes and may have 16/],
    ['ööööööööö', /18 bytes and may have 16/],
    ['\ud800', /not valid Unicode/],
  ])('reports the id %j and writes the others', async (id, reason) => {
    const { driver, repository } = make();
    const report = await repository.upsertMany([record('good'), record(id)]);
    expect(report).toEqual({
      accepted: 1,
      failed: [{ id, code: 'invalid-argument', reason: expect.stringMatching(reason) }],
    });
    expect(writtenIds(driver)).toEqual([['good']]);
    await expect(repository.upsert(id, Float32Array.of(1, 2))).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(repository.delete(id)).rejects.toMatchObject({ code: 'invalid-argument', operation: 'delete' });
  });

  it('reports an id of a kind the collection does not have', async () => {
    const { repository } = make({ traits: { ...traits, idKinds: ['u64', 'uuid'], maxIdBytes: 64 } });
    const report = await repository.upsertMany([record('18446744073709551616'), record('18446744073709551615')]);
    expect(report).toMatchObject({
      accepted: 1,
      failed: [{ reason: "The id '18446744073709551616' is not u64 or uuid." }],
    });
  });

  it.each([
    [
      { id: 'p', embedding: Float32Array.of(1, 2, 3) },
      'dimension-mismatch',
      /'default' of the point 'p' has 3 dimensions; the collection has 2/,
    ],
    [
      { id: 'p', vectors: { other: Float32Array.of(1, 2) } },
      'invalid-argument',
      /no vector named 'other'. It has: default/,
    ],
    [{ id: 'p', vectors: { constructor: Float32Array.of(1, 2) } }, 'invalid-argument', /no vector named 'constructor'/],
    [
      { id: 'p', vectors: { default: [Float32Array.of(1, 2)] } },
      'invalid-argument',
      /is multi; the collection holds dense/,
    ],
  ])('refuses %j and writes nothing', async (point, code, message) => {
    const { driver, repository } = make();
    await expect(repository.upsertMany([{ id: 'first' }, point])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(driver.written).toEqual([]);
  });

  it('asks for the description once, and again when something does not fit', async () => {
    let dimension = 2;
    const { driver, repository } = make({
      describe: async () => {
        driver.calls.push('describe');
        return { ...description, vectors: { default: { kind: 'dense', elementType: 'float32', dimension } } };
      },
    });
    await repository.upsertMany([record('a')]);
    await repository.upsertMany([record('b')]);
    expect(driver.calls).toEqual(['describe']);
    dimension = 3;
    await repository.upsert('c', Float32Array.of(1, 2, 3));
    expect(driver.calls).toEqual(['describe', 'describe']);
  });

  it('leaves out a vector that no point has', async () => {
    const { driver, repository } = make();
    await repository.upsertMany([{ id: 'a', metadata: {} }]);
    await repository.upsertMany(batchFromRecords([{ id: 'b', vectors: {} }]));
    expect(driver.written.map((batch) => Object.keys(batch.vectors))).toEqual([[], []]);
  });

  it('refuses columns of different lengths', async () => {
    const { repository } = make();
    const batch = batchFromRecords([record('a'), record('b')]);
    for (const change of [
      { ids: ['a'] },
      { updatedAt: Float64Array.of(1) },
      { vectors: batchFromRecords([record('a')]).vectors },
    ]) {
      const message = expect.stringMatching(/The batch has \d ids and \d rows of/);
      await expect(repository.upsertMany({ ...batch, ...change })).rejects.toMatchObject({
        code: 'invalid-argument',
        message,
      });
    }
  });

  it('stops between requests when it is aborted', async () => {
    const controller = new AbortController();
    const { driver, repository } = make({
      upsertMany: async (batch) => {
        driver.written.push(batch);
        controller.abort('stop');
        return { accepted: batch.ids.length, failed: [] };
      },
    });
    const points = ['a', 'b', 'c', 'd'].map((id) => record(id));
    await expect(repository.upsertMany(points, { signal: controller.signal })).rejects.toBe('stop');
    expect(driver.written).toHaveLength(1);
  });

  it('throws from upsert when the provider did not take the point', async () => {
    const failed = [{ id: 'a', code: 'conflict', reason: 'Somebody was faster.' }] as const;
    const { repository } = make({ upsertMany: async () => ({ accepted: 0, failed }) });
    await expect(repository.upsert('a', Float32Array.of(1, 2))).rejects.toMatchObject({
      code: 'conflict',
      operation: 'upsert',
    });
  });

  it('deletes each id once, split by points', async () => {
    const { driver, repository } = make();
    const report = await repository.deleteMany(['a', 'b', 'a', 'c', '', 'd']);
    expect(driver.deleted).toEqual([['a', 'b', 'c'], ['d']]);
    expect(report).toMatchObject({ accepted: 4, failed: [{ id: '' }] });
  });
});

describe('reading', () => {
  it('asks for each id once', async () => {
    const { repository } = make();
    expect((await repository.get(['b', 'a', 'b'])).ids).toEqual(['b', 'a']);
    await expect(repository.get([''])).rejects.toMatchObject({ code: 'invalid-argument', operation: 'get' });
  });

  const vector = Float32Array.of(1, 2);
  it.each<[string, SearchQuery, string]>([
    ['topK 0', { vector, topK: 0 }, 'invalid-argument'],
    ['a fractional topK', { vector, topK: 1.5 }, 'invalid-argument'],
    ['a topK above the limit', { vector, topK: 6 }, 'invalid-argument'],
    ['NaN', { vector: Float32Array.of(1, Number.NaN), topK: 1 }, 'invalid-argument'],
    ['infinity', { vector: Float32Array.of(Infinity, 1), topK: 1 }, 'invalid-argument'],
    ['a plain array', { vector: [1, 2] as unknown as Float32Array, topK: 1 }, 'invalid-argument'],
    ['another dimension', { vector: Float32Array.of(1), topK: 1 }, 'dimension-mismatch'],
    ['an unknown vector', { vector, topK: 1, vectorName: 'title' }, 'invalid-argument'],
    [
      'a sparse query',
      { vector: { indices: Uint32Array.of(1), values: Float32Array.of(1) }, topK: 1 },
      'invalid-argument',
    ],
    ['descending indices', { vector: { indices: Uint32Array.of(2, 1), values: vector }, topK: 1 }, 'invalid-argument'],
    ['a broken filter', { vector, topK: 1, filter: { op: 'like' } as unknown as Filter }, 'invalid-argument'],
  ])('refuses a search with %s', async (_name, query, code) => {
    const { repository } = make();
    await expect(repository.search(query)).rejects.toMatchObject({ code, operation: 'search' });
  });

  it('searches', async () => {
    expect(await make().repository.search({ vector, topK: 5, filter: eq('a', 1) })).toHaveLength(5);
  });

  it('names the filter operator the provider does not have, wherever it stands, in every method', async () => {
    const { repository } = make({ traits: { ...traits, filterOperators: ['not', 'eq'] } });
    const filter = not(contains('tags', 'x'));
    const refusal = {
      code: 'not-supported',
      message: expect.stringMatching(/'contains' is not supported.*It supports: not, eq/),
    };
    await expect(repository.count(filter)).rejects.toMatchObject(refusal);
    await expect(repository.search({ vector, topK: 1, filter })).rejects.toMatchObject(refusal);
    await expect(repository.slices?.(1, { filter })).rejects.toMatchObject(refusal);
    await expect(repository.exportAll?.({ filter })[Symbol.asyncIterator]().next()).rejects.toMatchObject(refusal);
    expect(await repository.count(not(eq('a', 1)))).toBe(7);
  });

  it('refuses a number of slices that is none', async () => {
    await expect(make().repository.slices?.(0)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
