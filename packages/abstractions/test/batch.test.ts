import { describe, expect, it } from '@jest/globals';
import {
  batchBytes,
  batchFromRecords,
  columnRows,
  emptyMetadata,
  metadataFromTexts,
  metadataText,
  metadataValue,
  rows,
  selectRows,
  sliceBatch,
  type VectorBatch,
  type VectorRecord,
  type vectorAt,
} from '@vecport/abstractions';
import fc from 'fast-check';

const float = fc.float({ noNaN: true });
const dense = fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true });
const sparse = fc.uniqueArray(fc.nat(1000), { maxLength: 4 }).chain((indices) =>
  fc.array(float, { minLength: indices.length, maxLength: indices.length }).map((values) => ({
    indices: Uint32Array.from(indices.toSorted((a, b) => a - b)),
    values: Float32Array.from(values),
  })),
);
const multi = fc.array(fc.float32Array({ minLength: 2, maxLength: 2, noNaN: true }), { maxLength: 3 });
const record: fc.Arbitrary<VectorRecord> = fc.record({
  id: fc.string({ unit: 'grapheme' }),
  vectors: fc.record({ dense, sparse, multi }, { requiredKeys: [] }),
  metadataText: fc.option(fc.json(), { nil: undefined }),
});
const records = fc.array(record, { maxLength: 8 });

/** What a batch means, row by row, in plain values. */
function meaning(batch: VectorBatch): unknown[] {
  return [...rows(batch)].map((row) => ({
    id: row.id,
    text: row.metadataText,
    vectors: Object.fromEntries(Object.keys(batch.vectors).map((name) => [name, plain(row.vector(name))])),
  }));
}

function plain(value: ReturnType<typeof vectorAt>): unknown {
  if (value === undefined) return undefined;
  if (value instanceof Float32Array) return [...value];
  return 'indices' in value ? [[...value.indices], [...value.values]] : value.map((vector) => [...vector]);
}

describe('batchFromRecords', () => {
  it('keeps every record', () => {
    fc.assert(
      fc.property(records, (list) => {
        const batch = batchFromRecords(list);
        const seen = [...rows(batch)];
        expect(seen.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
        expect(seen.map((row) => row.metadataText)).toEqual(list.map(({ metadataText: text }) => text));
        list.forEach(({ vectors = {} }, n) => {
          for (const name of ['dense', 'sparse', 'multi'])
            expect(plain(seen[n]?.vector(name))).toEqual(plain(vectors[name]));
        });
        for (const column of Object.values(batch.vectors)) expect(columnRows(column)).toBe(list.length);
      }),
    );
  });

  it('takes embedding as the vector default, and metadata text over metadata', () => {
    const batch = batchFromRecords([
      { id: 'a', embedding: Float32Array.of(1, 2), metadata: { b: 1 }, metadataText: '{"b":1.0}' },
    ]);
    expect(Object.keys(batch.vectors)).toEqual(['default']);
    expect(metadataText(batch.metadata, 0)).toBe('{"b":1.0}');
  });

  it('refuses two dimensions and two kinds under one name', () => {
    expect(() =>
      batchFromRecords([
        { id: 'a', embedding: new Float32Array(2) },
        { id: 'b', embedding: new Float32Array(3) },
      ]),
    ).toThrow(expect.objectContaining({ code: 'dimension-mismatch', message: expect.stringContaining('2 and 3') }));
    expect(() =>
      batchFromRecords([
        { id: 'a', vectors: { v: new Float32Array(2) } },
        { id: 'b', vectors: { v: [new Float32Array(2)] } },
      ]),
    ).toThrow(expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining("'v'") }));
  });

  it('gives a vector called __proto__ or constructor no special meaning', () => {
    const batch = batchFromRecords([{ id: 'a', embedding: Float32Array.of(1) }]);
    const [row] = rows(batch);
    for (const name of ['__proto__', 'constructor', 'toString']) expect(row?.vector(name)).toBeUndefined();
  });
});

describe('sliceBatch and selectRows', () => {
  it('mean the same as slicing and selecting rows', () => {
    fc.assert(
      fc.property(records, fc.nat(8), fc.nat(8), fc.array(fc.nat(7), { maxLength: 10 }), (list, from, to, picks) => {
        const batch = batchFromRecords(list);
        const all = meaning(batch);
        const [start, end] = [Math.min(from, to, list.length), Math.min(Math.max(from, to), list.length)];
        const part = sliceBatch(batch, start, end);
        expect(meaning(part)).toEqual(all.slice(start, end));
        const chosen = picks.filter((row) => row < list.length);
        expect(meaning(selectRows(batch, chosen))).toEqual(chosen.map((row) => all[row]));
        const inPart = picks.filter((row) => row < end - start);
        expect(meaning(selectRows(part, inPart))).toEqual(inPart.map((row) => all[start + row]));
        expect(meaning(sliceBatch(part, 0, Math.min(1, end - start)))).toEqual(
          all.slice(start, Math.min(start + 1, end)),
        );
      }),
    );
  });

  it('sliceBatch shares floats and bytes, selectRows copies them', () => {
    const batch = batchFromRecords(
      [1, 2, 3].map((n) => ({ id: `${n}`, embedding: Float32Array.of(n, n), metadata: { n } })),
    );
    const column = (one: VectorBatch) => one.vectors['default']?.values.buffer;
    expect(column(sliceBatch(batch, 1, 2))).toBe(column(batch));
    expect(column(selectRows(batch, [1]))).not.toBe(column(batch));
    expect(sliceBatch(batch, 0, 3)).toBe(batch);
  });

  it('keep the times of the rows', () => {
    const batch = {
      ...batchFromRecords([{ id: 'a' }, { id: 'b' }]),
      createdAt: Float64Array.of(1, 2),
      updatedAt: Float64Array.of(3, Number.NaN),
    };
    expect([...(sliceBatch(batch, 1, 2).createdAt ?? [])]).toEqual([2]);
    expect([...(selectRows(batch, [1, 0]).updatedAt ?? [])]).toEqual([Number.NaN, 3]);
  });
});

describe('batchBytes', () => {
  it('counts floats, indices, metadata and ids of the rows it has', () => {
    const batch = batchFromRecords(
      [1, 2].map((n) => ({ id: `id${n}`, embedding: new Float32Array(4), metadata: { n } })),
    );
    expect(batchBytes(batch)).toBe(2 * (4 * 4 + 7 + 3));
    expect(batchBytes(sliceBatch(batch, 1, 2))).toBe(4 * 4 + 7 + 3);
  });
});

describe('metadata columns', () => {
  it('keep every text in UTF-8', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined })), (texts) => {
        const column = metadataFromTexts(texts);
        expect(texts.map((_, row) => metadataText(column, row))).toEqual(texts);
      }),
    );
  });

  it('know missing from null, and keep a byte order mark', () => {
    const column = metadataFromTexts([undefined, 'null', '"\ufeff"']);
    expect([0, 1, 2].map((row) => metadataValue(column, row))).toEqual([undefined, null, '\ufeff']);
    expect(metadataText(emptyMetadata(2), 1)).toBeUndefined();
  });

  it('refuse half a surrogate pair instead of replacing it, also where two halves meet', () => {
    for (const texts of [
      ['{}', '"\ud83d"'],
      ['\ud83d', '\ude00'],
    ]) {
      expect(() => metadataFromTexts(texts)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    }
  });

  it('refuse bytes that are not UTF-8', () => {
    expect(() => metadataText({ bytes: Uint8Array.of(0x22, 0xff, 0x22), offsets: Uint32Array.of(0, 3) }, 0)).toThrow();
  });
});

describe('rows', () => {
  it('take default, or the only dense vector, as the embedding', () => {
    const vector = Float32Array.of(1);
    const embeddings = (vectors: VectorRecord['vectors']) =>
      [...rows(batchFromRecords([{ id: 'a', vectors }]))].map(({ embedding }) => embedding);
    expect(embeddings({ other: vector, default: Float32Array.of(2) })).toEqual([Float32Array.of(2)]);
    expect(embeddings({ other: vector, many: [vector] })).toEqual([vector]);
    expect(embeddings({ one: vector, two: vector })).toEqual([undefined]);
  });

  it('give views, and undefined where a point has no vector', () => {
    const batch = batchFromRecords([
      { id: 'a', embedding: Float32Array.of(1) },
      { id: 'b', metadata: 1 },
    ]);
    const [first, second] = rows(batch);
    expect(first?.embedding?.buffer).toBe(batch.vectors['default']?.values.buffer);
    expect(second?.embedding).toBeUndefined();
    expect(second?.metadata).toBe(1);
  });

  it('count no rows in a column without dimension', () => {
    expect(columnRows({ kind: 'dense', dimension: 0, values: new Float32Array(0) })).toBe(0);
  });
});
