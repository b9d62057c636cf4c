import { describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { GrpcError } from '@vecport/wire';
import { fromConnection, fromGrpc, fromHttp, isTooLarge, pointFailure } from '../src/errors.js';

describe('gRPC errors', () => {
  // Status UNKNOWN with these words, as 1.35.2 and 1.39.0 gave them.
  it.each([
    [2, 'could not find class Nope in schema', 'not-found'],
    [2, 'explorer: list class: search: object search at index mt: tenant not found: "zz"', 'not-found'],
    [2, "explorer: list class: search: object search at index mt: tenant not active: 'b'", 'not-supported'],
    [2, 'aggregate: class Mt has multi-tenancy enabled, but request was without tenant', 'invalid-argument'],
    [2, 'class Xtest has multi-tenancy disabled, but request was with tenant', 'invalid-argument'],
    [
      2,
      "knn search: distance between entrypoint and query node: 384 vs 38: vector lengths don't match",
      'dimension-mismatch',
    ],
    [2, 'something nobody has seen', 'provider-error'],
    [4, '', 'timeout'],
    [7, 'rbac: authorization, forbidden action', 'forbidden'],
    [8, 'slow down', 'rate-limited'],
    [14, 'dimension of the line', 'unavailable'],
    [16, 'unauthorized: invalid api key', 'unauthorized'],
  ])('%i %s', (status, details, code) => {
    const error = fromGrpc(new GrpcError(status, details, { retryAfterMs: 7 }));
    expect(error).toMatchObject({ code, provider: 'weaviate', retryAfterMs: 7 });
  });

  it('tells a message that is too large from a limit of the rate', () => {
    const error = new GrpcError(8, 'grpc: trying to send message larger than max (9 vs. 8)');
    expect(isTooLarge(error)).toBe(true);
    expect(fromGrpc(error)).toMatchObject({ code: 'invalid-argument', cause: error });
    expect(isTooLarge(new GrpcError(8, 'too many requests'))).toBe(false);
  });

  it('passes on what is none', () => {
    for (const other of [new Error('x'), 'reason', new VecportError('expired', 'x')])
      expect(fromGrpc(other)).toBe(other);
  });
});

describe('HTTP answers', () => {
  it.each([
    [422, '{"error":[{"message":"class name Emoji already exists"}]}', 'already-exists'],
    [422, '{"error":[{"message":"\'a\' is not a valid class name"}]}', 'invalid-argument'],
    [401, '{"code":401,"message":"anonymous access not enabled"}', 'unauthorized'],
    [403, '{"error":[{"message":"rbac"}]}', 'forbidden'],
    [404, '', 'not-found'],
    [429, '', 'rate-limited'],
    [500, 'oops', 'provider-error'],
    [503, '<html>starting</html>', 'unavailable'],
  ])('%i %s', (status, body, code) => {
    const error = fromHttp(status, body, 5);
    expect(error).toMatchObject({ code, retryAfterMs: 5 });
    expect(error.message).toMatch(/Weaviate: .+/);
  });
});

describe('connections', () => {
  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['UND_ERR_SOCKET', 'unavailable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'unavailable'],
    ['ETIMEDOUT', 'unavailable'],
    ['CERT_HAS_EXPIRED', 'unavailable'],
  ])('%s', (code, expected) => {
    const error = fromConnection(Object.assign(new Error('no'), { code }), 'Weaviate at http://h');
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining('http://h') });
  });

  it('passes on what is no fault of a connection', () => {
    const fault = new TypeError('a bug');
    expect(fromConnection(fault, 'x')).toBe(fault);
    expect(fromConnection('reason', 'x')).toBe('reason');
  });
});

describe('a point that was not written', () => {
  it.each([
    ['tenant not found: "zz"', 'not-found'],
    ["invalid integer property 'rank' on class 'X': requires an integer", 'invalid-argument'],
    ['insert called with a vector of the wrong size: 3. Saved length: 4', 'dimension-mismatch'],
  ])('%s', (message, code) => {
    expect(pointFailure(message)).toMatchObject({ code, reason: expect.stringContaining(message) });
  });
});
