import { describe, expect, it } from '@jest/globals';
import { indexNumber } from '@vecport/wire';

describe('a number of an index', () => {
  it('is given where it is whole and in range', () => {
    const index = { type: 'hnsw', parameters: { m: 16, low: 1, half: 2.5, text: '16', flag: true } };
    expect(indexNumber(index, 'm', 2, 16)).toBe(16);
    expect(indexNumber(index, 'm', 16, 100)).toBe(16);
    for (const name of ['low', 'half', 'text', 'flag', 'none'])
      expect(indexNumber(index, name, 2, 100)).toBeUndefined();
    expect(indexNumber(index, 'm', 17, 100)).toBeUndefined();
    expect(indexNumber(index, 'm', 0, 15)).toBeUndefined();
    expect(indexNumber(undefined, 'm', 0, 15)).toBeUndefined();
    expect(indexNumber({ type: 'hnsw' }, 'm', 0, 15)).toBeUndefined();
  });
});
