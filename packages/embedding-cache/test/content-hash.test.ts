import { describe, expect, it } from '@jest/globals';
import { computeContentHash } from '@vecport/embedding-cache';

describe('computeContentHash', () => {
  // FIPS 180-4 examples; the last is `printf 'é😀' | sha256sum`.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['é😀', '1184d1f608158eea09d297565575892231550c403aaa913008d867a97cfd5c76'],
  ])('is the SHA-256 of %j in UTF-8', (text, hash) => {
    expect(computeContentHash(text)).toBe(hash);
  });

  it('normalises nothing', () => {
    const hashes = ['é', 'e\u0301', 'é ', 'É'].map((text) => computeContentHash(text));
    expect(new Set(hashes).size).toBe(4);
  });

  it('refuses half a surrogate pair, which UTF-8 cannot say', () => {
    expect(() => computeContentHash('a\ud83d')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
