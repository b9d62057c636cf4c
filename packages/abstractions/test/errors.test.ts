import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, isRetryable, isVecportError, VecportError, withContext } from '@vecport/abstractions';

describe('VecportError', () => {
  it('says where, what and what to do', () => {
    const error = new VecportError('not-found', 'There is no table.', {
      provider: 'lancedb',
      collection: 'emoji',
      operation: 'count',
      advice: 'Create it first.',
    });
    expect(error.message).toBe('[lancedb / emoji / count] There is no table. Create it first.');
    expect(error.reason).toBe('There is no table.');
  });

  it('leaves out what is not known, and keeps the cause', () => {
    const cause = new Error('underneath');
    const error = new VecportError('storage', 'The disk is full.', { provider: '', cause });
    expect(error.message).toBe('The disk is full.');
    expect(error.cause).toBe(cause);
    expect('cause' in new VecportError('storage', 'Full.')).toBe(false);
  });

  it('is retryable only where waiting helps', () => {
    expect(ERROR_CODES.filter(isRetryable)).toEqual(['rate-limited', 'unavailable', 'timeout']);
    expect(new VecportError('timeout', 'Late.').retryable).toBe(true);
    expect(new VecportError('conflict', 'Locked.').retryable).toBe(false);
  });
});

describe('withContext', () => {
  it('fills in what is missing and keeps what is there', () => {
    const cause = new Error('underneath');
    const inner = new VecportError('timeout', 'Late.', { provider: 'inner', retryAfterMs: 5 });
    const outer = withContext(inner, {
      provider: 'outer',
      collection: 'c',
      operation: 'get',
      advice: 'Wait.',
      retryAfterMs: 9,
      cause,
    });
    expect(outer).toMatchObject({
      code: 'timeout',
      provider: 'inner',
      collection: 'c',
      operation: 'get',
      advice: 'Wait.',
      retryAfterMs: 5,
      cause,
    });
    expect(outer.message).toBe('[inner / c / get] Late. Wait.');
  });
});

describe('isVecportError', () => {
  it('knows errors of another copy of the package, and nothing else', () => {
    const foreign = Object.assign(new Error('x'), { name: 'VecportError', code: 'timeout' });
    expect(isVecportError(foreign)).toBe(true);
    expect(isVecportError(new VecportError('timeout', 'x'))).toBe(true);
    for (const other of [new Error('x'), { name: 'VecportError', code: 'timeout' }, undefined, 'VecportError']) {
      expect(isVecportError(other)).toBe(false);
    }
  });
});
