import { describe, expect, it } from '@jest/globals';
import { GrpcError } from '@vecport/wire';
import { type MilvusStatus, statusError, toVecportError } from '../src/errors.js';

const status = (code: number, legacyCode: number, reason: string, retriable = false): MilvusStatus => ({
  code,
  legacyCode,
  reason,
  retriable,
});

describe('errors', () => {
  // As the servers sent them.
  it.each([
    [status(100, 1, "can't find collection collection not found[database=default][collection=nope]"), 'not-found'],
    [status(101, 1, 'failed to query: collection not loaded[collection=1]'), 'not-supported'],
    [status(1100, 5, 'the length (131080) of dynamic field exceeds max length (65536)'), 'invalid-argument'],
    [status(65535, 1, 'cannot parse expression: x, error: y'), 'invalid-argument'],
    [status(65535, 1, 'create duplicate collection with different parameters, collection: pr'), 'already-exists'],
    [status(1100, 0, 'limit should be in range [1, 16384], but got 20000: invalid parameter'), 'invalid-argument'],
    [status(700, 25, 'index not found[collection=pr]'), 'not-found'],
    [status(8, 49, 'rate limit exceeded[rate=0]'), 'rate-limited'],
    [status(0, 49, 'rate limit'), 'rate-limited'],
    [status(65535, 1, 'something new', true), 'unavailable'],
    [status(65535, 1, 'something new'), 'provider-error'],
  ])('of Milvus: %o is %s', (given, code) => {
    expect(statusError(given, false)).toMatchObject({ code, provider: 'milvus' });
  });

  it.each([
    [status(6, 6, 'column 15: expected field name'), 'invalid-argument'],
    [status(1, 1, "collection 'pr' already exists"), 'already-exists'],
    [status(100, 4, "collection 'nope' does not exist"), 'not-found'],
    [status(1, 0, 'boom'), 'provider-error'],
  ])('of milvus-lite 3, which numbers them otherwise: %o is %s', (given, code) => {
    expect(statusError(given, true)).toMatchObject({ code });
  });

  it.each([
    [14, 'connection refused', 'unavailable'],
    [4, 'no answer', 'timeout'],
    [16, 'auth check failure', 'unauthorized'],
    [7, 'denied', 'forbidden'],
    [8, 'slow down', 'rate-limited'],
    [8, 'grpc: received message larger than max (1 vs. 0)', 'provider-error'],
    [12, 'unknown method', 'not-supported'],
  ])('of gRPC %i (%s) is %s', (grpcCode, details, code) => {
    expect(toVecportError(new GrpcError(grpcCode, details))).toMatchObject({ code });
  });

  it('of nobody we know pass through', () => {
    const reason = new Error('abort reason');
    expect(toVecportError(reason)).toBe(reason);
  });
});
