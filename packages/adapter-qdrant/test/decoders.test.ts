import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, isVecportError, type VectorRecord } from '@vecport/abstractions';
import { ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';
import { upsertMessage } from '../src/grpc-messages.js';
import { readCountResponse, readGetResponse, readQueryResponse, readScrollResponse } from '../src/grpc-points.js';
import { readLayout } from '../src/layout.js';
import { checkPoints } from '../src/records.js';
import { upsertBody } from '../src/rest-messages.js';
import { readRetrieveBody, readScrollBody } from '../src/rest-points.js';
import { batchLines } from './support/batch-text.js';
import { grpcAnswer, recordedLayout, restAnswer } from './support/recordings.js';

const LAYOUT = readLayout({
  vectors: {
    a: { size: 3, distance: 'Dot' },
    m: { size: 2, distance: 'Euclid', multivector_config: { comparator: 'max_sim' } },
  },
  sparse_vectors: { s: {} },
});

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const floats = (length: number) =>
  fc.array(float, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list));
const sparse = fc
  .uniqueArray(fc.nat(4_294_967_295), { maxLength: 5 })
  .chain((indices) =>
    floats(indices.length).map((values) => ({ indices: Uint32Array.from(indices.toSorted((a, b) => a - b)), values })),
  );
const id = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n).map(String),
  fc.uuid(),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.bigInt(-(2n ** 63n), -1n).map(String),
);
const record: fc.Arbitrary<VectorRecord> = fc.record({
  id,
  vectors: fc.record(
    { a: floats(3), m: fc.array(floats(2), { minLength: 1, maxLength: 3 }), s: sparse },
    { requiredKeys: [] },
  ),
  metadata: fc.option(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 }), { nil: undefined }),
});
const records = fc.uniqueArray(record, { selector: (point) => point.id, maxLength: 5 });

/** The points of an `UpsertPoints` as a `GetResponse`: the same messages with another number for vectors. */
function answerFrom(request: Uint8Array): Uint8Array {
  const reader = new ProtoReader(request);
  const writer = new ProtoWriter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) writer.message(1, (point) => copyPoint(reader, point));
    else reader.skip();
  }
  return writer.finish();
}

function copyPoint(reader: ProtoReader, writer: ProtoWriter): void {
  const outer = reader.enter();
  const numbers: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4 };
  for (let field = reader.next(); field !== 0; field = reader.next()) writer.data(numbers[field] ?? 99, reader.data());
  reader.leave(outer);
}

describe('decoding', () => {
  it('gives back every point that was encoded, over both interfaces', () => {
    fc.assert(
      fc.property(records, (list) => {
        const batch = batchFromRecords(list);
        const { points, failed } = checkPoints(batch, LAYOUT);
        expect(failed).toEqual([]);
        const request = { collection: 'c', batch, points };
        const grpc = readGetResponse(answerFrom(upsertMessage(request, LAYOUT)), LAYOUT);
        const { points: printed } = JSON.parse(upsertBody(request, LAYOUT)) as { points: unknown[] };
        expect(printed.length).toBe(list.length);
        const body = upsertBody(request, LAYOUT).replace(/^\{"points":/, '{"result":');
        const rest = readRetrieveBody(Buffer.from(body), LAYOUT);
        expect(batchLines(grpc.batch)).toEqual(batchLines(batch));
        expect(batchLines(rest.batch)).toEqual(batchLines(batch));
      }),
      { numRuns: 300 },
    );
  });

  it('reads the vectors of older servers: plain data, with indices, with a number of rows', () => {
    const point = new ProtoWriter()
      .message(1, (inner) => inner.varint(1, 5))
      .message(4, (vectors) =>
        vectors.message(2, (named) => {
          const entry = (key: string, write: (vector: ProtoWriter) => void): void => {
            named.message(1, (pair) => pair.text(1, key).message(2, write));
          };
          entry('a', (vector) => vector.floats(1, Float32Array.of(1, 2, 3)));
          entry('m', (vector) => vector.floats(1, Float32Array.of(1, 2, 3, 4)).varint(3, 2));
          entry('s', (vector) =>
            vector.floats(1, Float32Array.of(7, 8)).message(2, (list) => list.uint32s(1, Uint32Array.of(3, 9))),
          );
        }),
      )
      .finish();
    const { batch } = readGetResponse(new ProtoWriter().data(1, point).finish(), LAYOUT);
    const expected: VectorRecord = {
      id: '5',
      vectors: {
        a: Float32Array.of(1, 2, 3),
        m: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
        s: { indices: Uint32Array.of(3, 9), values: Float32Array.of(7, 8) },
      },
      metadataText: '{}',
    };
    expect(batchLines(batch)).toEqual(batchLines(batchFromRecords([expected])));
  });

  it.each([
    [
      'a vector of another dimension',
      (vector: ProtoWriter) => vector.message(101, (dense) => dense.floats(1, Float32Array.of(1))),
    ],
    [
      'a vector of another kind',
      (vector: ProtoWriter) => vector.message(102, (list) => list.floats(1, Float32Array.of(1, 2, 3))),
    ],
    ['a vector of nothing', (vector: ProtoWriter) => vector],
  ])('refuses %s', (_, write) => {
    const point = new ProtoWriter()
      .message(1, (inner) => inner.varint(1, 5))
      .message(4, (vectors) =>
        vectors.message(2, (named) => named.message(1, (pair) => pair.text(1, 'a').message(2, write))),
      );
    const answer = new ProtoWriter().data(1, point.finish()).finish();
    expect(() => readGetResponse(answer, LAYOUT)).toThrow(expect.objectContaining({ code: 'corrupt-data' }));
  });

  it('says that a collection has changed when a vector comes that it did not have', () => {
    const body = Buffer.from('{"result":[{"id":1,"payload":{},"vector":{"new":[1,2]}}]}');
    expect(() => readRetrieveBody(body, LAYOUT)).toThrow(expect.objectContaining({ code: 'source-changed' }));
  });

  it('refuses a point that says it is another one', () => {
    const body = Buffer.from('{"result":[{"id":1,"payload":{"_vecport":"{\\"id\\":\\"text\\"}"},"vector":{}}]}');
    expect(() => readRetrieveBody(body, LAYOUT)).toThrow(expect.objectContaining({ code: 'corrupt-data' }));
  });
});

describe('damaged answers', () => {
  const layout = recordedLayout('named');
  const decoders: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => unknown])[] = [
    ['a page over gRPC', grpcAnswer('scroll named page 0'), (bytes) => readScrollResponse(bytes, { layout }).decode()],
    ['points over gRPC', grpcAnswer('retrieve'), (bytes) => readGetResponse(bytes, recordedLayout('plain'))],
    ['matches over gRPC', grpcAnswer('query'), readQueryResponse],
    ['a count over gRPC', grpcAnswer('count plain'), readCountResponse],
    ['a page over REST', restAnswer('scroll named page 0'), (bytes) => readScrollBody(bytes, { layout }).decode()],
  ];

  it.each(decoders)('%s: bytes that were changed decode or are an error of ours', (_, answer, decode) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(answer.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Uint8Array.from(answer);
          for (const [at, byte] of changes) bytes[at] = byte;
          expectOurs(() => decode(bytes));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(decoders)('%s: cut off anywhere', (_, answer, decode) => {
    for (let length = 0; length < answer.length; length++) expectOurs(() => decode(answer.subarray(0, length)));
  });

  it('a page over REST that is cut off anywhere is an error', () => {
    const answer = restAnswer('scroll named page 0');
    for (let length = 0; length < answer.length; length++) {
      expect(() => readScrollBody(answer.subarray(0, length), { layout }).decode()).toThrow(
        expect.objectContaining({ code: 'corrupt-data' }),
      );
    }
  });
});

function expectOurs(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(isVecportError(error) ? error.code : error).toMatch(/corrupt-data|provider-error|source-changed/);
  }
}
