import { describe, expect, it } from '@jest/globals';
import { GrpcError } from '@vecport/wire';
import { httpError, toVecportError } from '../src/errors.js';
import { grpcExchange, restExchange } from './support/recordings.js';

describe('errors of a real server 1.18.3', () => {
  it.each([
    ['scroll missing collection', 'not-found', "Qdrant: Not found: Collection `nope` doesn't exist!"],
    ['create plain again', 'already-exists', 'Qdrant: Wrong input: Collection `plain` already exists!'],
    [
      'upsert wrong dimension',
      'dimension-mismatch',
      'Qdrant: Wrong input: Vector dimension error: expected dim: 8, got 3.',
    ],
    ['upsert negative id', 'invalid-argument', undefined],
    ['upsert multivector of whole numbers is taken for a sparse vector', 'invalid-argument', undefined],
    ['scroll limit 0', 'invalid-argument', undefined],
    ['bad json', 'invalid-argument', undefined],
    ['no key', 'unauthorized', 'Qdrant: Must provide an API key or an Authorization bearer token.'],
    ['wrong key', 'unauthorized', 'Qdrant: Invalid API key or JWT.'],
  ])('REST: %s', (name, code, reason) => {
    const { status, answer } = restExchange(name);
    const error = httpError(status, answer, undefined);
    expect(error).toMatchObject({ code, provider: 'qdrant', ...(reason === undefined ? {} : { reason }) });
  });

  it.each([
    ['scroll missing', 'not-found'],
    ['upsert wrong dimension', 'dimension-mismatch'],
    ['no key', 'unauthorized'],
  ])('gRPC: %s', (name, code) => {
    const { code: grpcCode, details = '' } = grpcExchange(name);
    const thrown = new GrpcError(grpcCode, details);
    expect(toVecportError(thrown)).toMatchObject({ code, cause: thrown });
  });
});

describe('errors by their status', () => {
  it.each([
    [1, 'timeout'],
    [4, 'timeout'],
    [7, 'forbidden'],
    [8, 'rate-limited'],
    [12, 'not-supported'],
    [13, 'provider-error'],
    [14, 'unavailable'],
  ])('gRPC %i is %s', (status, code) => {
    expect(toVecportError(new GrpcError(status, 'why', { retryAfterMs: 1500 }))).toMatchObject({
      code,
      retryAfterMs: 1500,
    });
  });

  it.each([
    [403, 'forbidden'],
    [408, 'timeout'],
    [429, 'rate-limited'],
    [500, 'provider-error'],
    [502, 'unavailable'],
    [503, 'unavailable'],
  ])('HTTP %i is %s, with the time the server asks for', (status, code) => {
    expect(httpError(status, '', '2')).toMatchObject({ code, retryAfterMs: 2000 });
    const date = new Date(Date.now() + 10_000).toUTCString();
    expect(httpError(status, '', date).retryAfterMs).toBeGreaterThan(5000);
  });

  it('the official client`s errors are understood, faults in programs are left alone', () => {
    const api = Object.assign(new Error('Not Found'), {
      status: 404,
      data: { status: { error: 'Not found: x' } },
      headers: new Headers({ 'retry-after': '3' }),
    });
    expect(toVecportError(api)).toMatchObject({
      code: 'not-found',
      reason: 'Qdrant: Not found: x.',
      retryAfterMs: 3000,
      cause: api,
    });
    expect(toVecportError(new Error('Unexpected Response: 503 (Service Unavailable)'))).toMatchObject({
      code: 'unavailable',
    });
    const exhausted = Object.assign(new Error('slow down'), {
      name: 'QdrantClientResourceExhaustedError',
      retry_after: 7,
    });
    expect(toVecportError(exhausted)).toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 });
    const refused = new Error('fetch failed', {
      cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    });
    expect(toVecportError(refused)).toMatchObject({ code: 'unavailable', reason: 'Qdrant: connect ECONNREFUSED.' });
    const fault = new TypeError('x is not a function');
    expect(toVecportError(fault)).toBe(fault);
  });

  it('long bodies are cut short', () => {
    expect(httpError(500, 'x'.repeat(5000), undefined).message.length).toBeLessThan(400);
  });
});
