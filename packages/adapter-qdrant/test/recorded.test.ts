import { describe, expect, it } from '@jest/globals';
import { metadataText } from '@vecport/abstractions';
import { countMessage, deleteMessage, getMessage } from '../src/grpc-messages.js';
import {
  readCountResponse,
  readGetResponse,
  readQueryResponse,
  readScrollResponse,
  readUpdateStatus,
} from '../src/grpc-points.js';
import { readCountBody, readQueryBody, readRetrieveBody, readScrollBody, readUpdateBody } from '../src/rest-points.js';
import { batchLines } from './support/batch-text.js';
import { grpcAnswer, grpcExchange, recordedLayout, restAnswer } from './support/recordings.js';

const PLAIN_IDS = [
  ['0', '1', '42', '9007199254740991'],
  ['9007199254740992', '9007199254740993', '9223372036854775808', '18446744073709551615'],
  [
    '00000000-0000-4000-8000-000000000001',
    '5b3f8a54-9d3c-4c84-9a2f-0f2f6f0f9b11',
    '7fffffff-0000-4000-8000-00000000000f',
    'aaaaaaaa-0000-4000-8000-0000000000ab',
  ],
  ['ffffffff-ffff-4fff-bfff-ffffffffffff'],
];

function scrolled(name: string, collection: string) {
  const layout = recordedLayout(collection);
  const rest = readScrollBody(restAnswer(name), { layout });
  const grpc = readScrollResponse(grpcAnswer(name), { layout });
  return { rest, grpc };
}

describe('answers of a real server 1.18.3', () => {
  it.each([0, 1, 2, 3])('page %i: every identifier and whether more come, over both interfaces', (page) => {
    const { rest, grpc } = scrolled(`scroll plain page ${page}`, 'plain');
    expect(rest.decode().batch.ids).toEqual(PLAIN_IDS[page]);
    expect(grpc.decode().batch.ids).toEqual(PLAIN_IDS[page]);
    expect([rest.hasMore, grpc.hasMore]).toEqual([page < 3, page < 3]);
    expect([rest.last, grpc.last]).toEqual([PLAIN_IDS[page]?.at(-1), PLAIN_IDS[page]?.at(-1)]);
  });

  it.each([1, 2, 3])('plain page %i is the same over both interfaces, to the last bit', (page) => {
    const { rest, grpc } = scrolled(`scroll plain page ${page}`, 'plain');
    expect(batchLines(grpc.decode().batch)).toEqual(batchLines(rest.decode().batch));
  });

  it.each([0, 1])('named page %i: named, sparse and multi vectors are the same over both interfaces', (page) => {
    const { rest, grpc } = scrolled(`scroll named page ${page}`, 'named');
    expect(batchLines(grpc.decode().batch)).toEqual(batchLines(rest.decode().batch));
  });

  it('every kind of vector is decoded as it is, and what is missing is missing', () => {
    const { batch } = scrolled('scroll named page 0', 'named').grpc.decode();
    const { a, b, m, s, u8 } = batch.vectors;
    expect(batch.ids).toEqual(['1', '2', '3', '4']);
    expect([a?.missing, b?.missing, m?.missing, s?.missing, u8?.missing].map((rows) => rows && [...rows])).toEqual([
      [0, 0, 0, 1],
      [0, 1, 0, 1],
      [0, 0, 0, 1],
      [0, 1, 0, 0],
      [0, 1, 1, 1],
    ]);
    expect(u8?.values.subarray(0, 3)).toEqual(Float32Array.of(1, 2, 255));
    expect(b?.values.subarray(0, 4)).toEqual(Float32Array.of(-1.2958984, -0.25585938, 1.6416016, -0.15527344));
    expect(s).toMatchObject({
      offsets: Uint32Array.of(0, 3, 3, 6, 9),
      indices: Uint32Array.of(1, 7, 100_001, 1, 7, 100_003, 1, 7, 100_004),
      values: Float32Array.of(0.25, 0.5, 1, 0.25, 0.5, 3, 0.25, 0.5, 4),
    });
    expect(m).toMatchObject({ kind: 'multi', dimension: 3, offsets: Uint32Array.of(0, 2, 4, 6, 6) });
  });

  it('every payload type keeps its type and its digits; over REST the text is the server`s own', () => {
    const { rest, grpc } = scrolled('scroll plain page 0', 'plain');
    expect(metadataText(rest.decode().batch.metadata, 0)).toBe(
      '{"kind":"a","n":1,"score":1.0,"big":9007199254740993,"max":9223372036854775807,"min":-9223372036854775808,' +
        '"huge":18446744073709551615,"f":1e+20,"dec":1.1,"null":null,"empty":{},"list":[1,[2,"3"],null],' +
        '"nums":[0.1,0.2,0.3],"text":"123","json":"{}","when":"2024-02-29T12:34:56.789Z",' +
        '"where":{"lon":13.4,"lat":52.5},"key.dot":true,"ключ":"é😀","quote":"\\"\\\\\\n"}',
    );
    // Over gRPC integers above 2^63 are doubles, and keys come in any order: they are sorted.
    expect(metadataText(grpc.decode().batch.metadata, 0)).toBe(
      '{"big":9007199254740993,"dec":1.1,"empty":{},"f":1e+20,"huge":1.8446744073709552e+19,"json":"{}",' +
        '"key.dot":true,"kind":"a","list":[1,[2,"3"],null],"max":9223372036854775807,"min":-9223372036854775808,' +
        '"n":1,"null":null,"nums":[0.1,0.2,0.3],"quote":"\\"\\\\\\n","score":1.0,"text":"123",' +
        '"when":"2024-02-29T12:34:56.789Z","where":{"lat":52.5,"lon":13.4},"ключ":"é😀"}',
    );
    expect(metadataText(grpc.decode().batch.metadata, 1)).toBe('{}');
  });

  it('an empty page has no points and no successor', () => {
    const { rest, grpc } = scrolled('scroll empty page 0', 'empty');
    expect([rest.hasMore, grpc.hasMore, rest.last, grpc.last]).toEqual([false, false, undefined, undefined]);
    expect([rest.decode().batch.ids, grpc.decode().batch.ids]).toEqual([[], []]);
  });

  it('decoding ends before the identifier where a slice ends', () => {
    const layout = recordedLayout('plain');
    const bounds = { layout, to: '9223372036854775808' };
    for (const page of [
      readScrollResponse(grpcAnswer('scroll plain page 1'), bounds),
      readScrollBody(restAnswer('scroll plain page 1'), bounds),
    ]) {
      const { batch, reachedEnd } = page.decode();
      expect([batch.ids, reachedEnd]).toEqual([['9007199254740992', '9007199254740993'], true]);
    }
  });

  it('retrieved points, matches, counts and outcomes of writes', () => {
    const layout = recordedLayout('plain');
    const [rest, grpc] = [
      readRetrieveBody(restAnswer('retrieve'), layout),
      readGetResponse(grpcAnswer('retrieve'), layout),
    ];
    expect(batchLines(grpc.batch)).toEqual(batchLines(rest.batch));
    expect(rest.batch.ids).toEqual([
      '9007199254740993',
      '18446744073709551615',
      'ffffffff-ffff-4fff-bfff-ffffffffffff',
    ]);
    const [found, same] = [readQueryBody(restAnswer('query')), readQueryResponse(grpcAnswer('query'))];
    expect(found.map(({ id, score }) => [id, Math.fround(score)])).toEqual(same.map(({ id, score }) => [id, score]));
    expect(same.map(({ id }) => id)).toEqual([
      '42',
      '5b3f8a54-9d3c-4c84-9a2f-0f2f6f0f9b11',
      '7fffffff-0000-4000-8000-00000000000f',
    ]);
    expect([readCountBody(restAnswer('count plain')), readCountResponse(grpcAnswer('count plain'))]).toEqual([13, 13]);
    expect(readCountResponse(grpcAnswer('count empty'))).toBe(0);
    expect([readUpdateBody(restAnswer('upsert plain')), readUpdateStatus(grpcAnswer('upsert'))]).toEqual([
      'completed',
      2,
    ]);
  });

  it('requests are the bytes of a client that a real server understood', () => {
    const call = { collection: 'plain' };
    const text = (message: Uint8Array): string => Buffer.from(message).toString('base64');
    expect(text(countMessage(call, undefined))).toBe(grpcExchange('count plain').request);
    expect(text(deleteMessage(call, ['9007199254740995']))).toBe(grpcExchange('delete').request);
    const ids = ['9007199254740993', '18446744073709551615', 'ffffffff-ffff-4fff-bfff-ffffffffffff', '777'];
    expect(text(getMessage(call, ids))).toBe(grpcExchange('retrieve').request);
  });
});
