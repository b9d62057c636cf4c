import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatBytes, formatCount, formatDuration, formatPercent, plural, shorten } from '../src/output/format.js';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
    [12.6, '13'],
  ])('prints the count %p as %p', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it('prints counts that read back as the same number', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (value) => {
        const text = formatCount(value);
        expect(Number(text.replaceAll(',', ''))).toBe(value);
        expect(text).toMatch(/^\d{1,3}(,\d{3})*$/);
      }),
    );
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.7, '1.00 kB'],
    [1000, '1.00 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_950, '1.00 MB'],
    [128 * 1024 * 1024, '134 MB'],
    [5e12, '5.00 TB'],
    [5e18, '5000 PB'],
  ])('prints %p bytes as %p', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0.0 s'],
    [449, '0.4 s'],
    [9_949, '9.9 s'],
    [9_951, '10 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_599_000, '59 min 59 s'],
    [7_380_000, '2 h 03 min'],
  ])('prints %p milliseconds as %p', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('says 100 % of all points only', () => {
    expect(formatPercent(0, 10)).toBe('0 %');
    expect(formatPercent(999_999, 1_000_000)).toBe('99 %');
    expect(formatPercent(10, 10)).toBe('100 %');
    expect(formatPercent(0, 0)).toBe('100 %');
    expect(formatPercent(12, 10)).toBe('100 %');
  });

  it('counts with a noun', () => {
    expect([plural(0, 'point'), plural(1, 'point'), plural(2000, 'point')]).toEqual([
      '0 points',
      '1 point',
      '2,000 points',
    ]);
  });
});

describe('shortened text', () => {
  it('keeps short text and shows what was cut away', () => {
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('abcd', 3)).toBe('ab…');
    expect(shorten('a\n  b', 10)).toBe('a b');
  });

  it('cuts between characters, not inside of one', () => {
    expect(shorten('👩‍🚀👩‍🚀👩‍🚀', 2)).toBe('👩‍🚀…');
  });
});
