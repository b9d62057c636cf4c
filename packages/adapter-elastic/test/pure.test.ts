import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cursorText, parseCursor, parseSlice, sliceToken } from '../src/cursor.js';
import { answerError, toVecportError } from '../src/errors.js';
import { metricOf, scoreOf } from '../src/metrics.js';
import { peekPage } from '../src/page.js';
import { serverOf } from '../src/server-info.js';
import { cutRanges } from '../src/slices.js';

describe('errors', () => {
  const body = (type: string, reason = 'why', root?: object): string =>
    JSON.stringify({ error: { type, reason, ...(root && { root_cause: [root] }) }, status: 400 });

  it.each([
    [400, body('resource_already_exists_exception'), 'already-exists'],
    [404, body('index_not_found_exception'), 'not-found'],
    [
      404,
      body('search_phase_execution_exception', 'all shards failed', {
        type: 'search_context_missing_exception',
        reason: 'No search context found for id [1]',
      }),
      'expired',
    ],
    [
      400,
      body('search_phase_execution_exception', 'all shards failed', {
        reason: 'The query vector has a different number of dimensions [3] than the document vectors [4].',
      }),
      'dimension-mismatch',
    ],
    [400, body('parsing_exception'), 'invalid-argument'],
    [401, body('security_exception'), 'unauthorized'],
    [403, body('security_exception'), 'forbidden'],
    [429, body('circuit_breaking_exception', 'Data too large'), 'rate-limited'],
    [429, '', 'rate-limited'],
    [
      403,
      body(
        'cluster_block_exception',
        'index [x] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];disk usage exceeded flood-stage watermark',
      ),
      'storage',
    ],
    [502, '<html>Bad Gateway</html>', 'unavailable'],
    [503, body('x'), 'unavailable'],
    [504, '', 'timeout'],
    [418, '{"message":"teapot"}', 'provider-error'],
  ])('an answer %d %s is %s', (status, text, code) => {
    expect(answerError({ status, text })).toMatchObject({ code, provider: 'elastic' });
  });

  it('say the root cause, and how long to wait', () => {
    const text = body('search_phase_execution_exception', 'all shards failed', { reason: 'No mapping found' });
    expect(answerError({ status: 400, text }).reason).toBe('Elasticsearch: all shards failed: No mapping found');
    expect(answerError({ status: 429, text: '', retryAfter: '3' }).retryAfterMs).toBe(3000);
    expect(
      answerError({ status: 429, text: '', retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' }).retryAfterMs,
    ).toBeUndefined();
  });

  it.each([
    ['ConnectionError', 'connect ECONNREFUSED 127.0.0.1:1', 'unavailable'],
    ['ConnectionError', 'unable to verify the first certificate', 'unauthorized'],
    ['TimeoutError', 'Request timed out', 'timeout'],
    ['SocketError', 'other side closed', 'unavailable'],
    ['ProductNotSupportedError', 'not supported', 'not-supported'],
  ])('%s (%s) is %s', (name, message, code) => {
    expect(toVecportError(Object.assign(new Error(message), { name }))).toMatchObject({ code });
  });

  it('leave faults of a program as they are', () => {
    const fault = new TypeError('x is not a function');
    expect(toVecportError(fault)).toBe(fault);
    expect(toVecportError('a text')).toBe('a text');
  });
});

describe('scores', () => {
  const near = (similarity: string, score: number): number =>
    scoreOf(score, { similarity, element: 'float', dimension: 4 });

  it('are those of the formulas Elasticsearch documents, turned round', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (cosine) => {
        expect(near('cosine', (1 + cosine) / 2)).toBeCloseTo(cosine, 12);
        expect(near('dot_product', (1 + cosine) / 2)).toBeCloseTo(cosine, 12);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (product) => {
        const score = product < 0 ? 1 / (1 - product) : product + 1;
        expect(near('max_inner_product', score) - product).toBeCloseTo(0, 3);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e3, noNaN: true }), (distance) => {
        expect(near('l2_norm', 1 / (1 + distance * distance)) + distance).toBeCloseTo(0, 4);
      }),
    );
    expect(scoreOf((16 - 3) / 16, { similarity: 'l2_norm', element: 'bit', dimension: 16 })).toBe(-3);
    expect(Object.is(near('l2_norm', 1), 0)).toBe(true);
  });

  it('are given for known similarities only', () => {
    expect(metricOf('max_inner_product', 'float')).toBe('dot');
    expect(metricOf('l2_norm', 'bit')).toBe('hamming');
    expect(() => metricOf('new_one', 'float')).toThrow(/new_one/);
  });
});

describe('cursors and slices', () => {
  const state = { count: 9, min: 0, max: 8, sum: 36 };

  it('survive JSON', () => {
    const position = { pit: 'abc', after: [7, 12] as const, ties: ['a', 'b'], given: 8, state };
    expect(parseCursor(JSON.parse(JSON.stringify(cursorText(position))) as string)).toEqual(position);
    const slice = { pit: 'abc', from: 3, to: undefined, state };
    expect(parseSlice({ token: sliceToken(slice) })).toEqual(slice);
  });

  it('are refused when they were not made here', () => {
    const cursor = JSON.parse(cursorText({ pit: 'p', after: [1, 2], ties: [], given: 1, state })) as object;
    const wrong = [
      '',
      '{}',
      '[]',
      'null',
      '"x"',
      JSON.stringify({ ...cursor, after: [1] }),
      JSON.stringify({ ...cursor, v: 2 }),
      JSON.stringify({ ...cursor, ties: [1] }),
      JSON.stringify({ ...cursor, given: 'x' }),
      JSON.stringify({ ...cursor, pit: '' }),
      JSON.stringify({ ...cursor, state: [1] }),
    ];
    for (const text of wrong) {
      expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
      expect(() => parseSlice({ token: text })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    }
  });

  it('are ranges without gaps', () => {
    expect(cutRanges([])).toEqual([{ from: 0, to: undefined }]);
    expect(cutRanges([5, 9])).toEqual([
      { from: 0, to: 5 },
      { from: 5, to: 9 },
      { from: 9, to: undefined },
    ]);
  });
});

describe('the ends of a page', () => {
  it('tell how to go on, unless something else is there', () => {
    const page = '{"pit_id":"abc+/=","took":1,"hits":{"hits":[{"_id":"a","_source":{"sort":[1,2]},"sort":[3,4]}]}}';
    expect(peekPage(Buffer.from(page))).toEqual({ pit: 'abc+/=', sort: [3, 4] });
    expect(peekPage(Buffer.from(`${page.slice(0, -1)},"aggregations":{}}`))).toBeUndefined();
    expect(peekPage(Buffer.from('{"pit_id":"a","hits":{"hits":[{"_id":"a","sort":[1]}]}}'))).toBeUndefined();
    expect(peekPage(Buffer.from('{"took":1}'))).toBeUndefined();
  });
});

describe('versions', () => {
  it.each([
    ['8.19.21', undefined, [false, false, true, true]],
    ['8.17.0', undefined, [false, false, false, false]],
    ['9.0.0', undefined, [false, false, false, true]],
    ['9.2.1', undefined, [false, true, true, true]],
    ['9.5.3', 'default', [true, true, true, true]],
    ['10.0.0', undefined, [true, true, true, true]],
    ['8.11.0', 'serverless', [true, true, true, true]],
  ])('%s (%s)', (version, flavor, expected) => {
    const { base64Vectors, excludesVectors, excludeVectorsOption, rescores } = serverOf(version, flavor);
    expect([base64Vectors, excludesVectors, excludeVectorsOption, rescores]).toEqual(expected);
  });
});
