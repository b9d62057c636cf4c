import { describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { failureText, isPoison, pauseAfter } from '../src/failed-turns.js';

const unavailable = new VecportError('unavailable', 'No answer.', { provider: 'p' });

describe('a turn that failed', () => {
  it('is tried again until there were too many failures in a row', () => {
    expect(isPoison(unavailable, { inARow: 1, attempts: 3 })).toBe(false);
    expect(isPoison(unavailable, { inARow: 3, attempts: 3 })).toBe(true);
    expect(isPoison(new Error('odd'), { inARow: 2, attempts: 3 })).toBe(false);
  });

  it.each(['corrupt-data', 'expired', 'source-changed', 'not-supported', 'invalid-argument'] as const)(
    'is not tried again when it is %s',
    (code) => {
      expect(isPoison(new VecportError(code, 'It is.'), { inARow: 1, attempts: 9 })).toBe(true);
    },
  );

  it('waits longer each time, up to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 20].map(pauseAfter)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is told with its code', () => {
    expect(failureText(unavailable)).toBe('unavailable: [p] No answer.');
    expect(failureText(new Error('odd'))).toBe('unexpected: odd');
    expect(failureText('text')).toBe('unexpected: text');
  });
});
