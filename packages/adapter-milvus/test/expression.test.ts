import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allOf, compareIds, hasId, isAfter, isUpTo, quoteText } from '../src/expression.js';
import { LITE_2, MILVUS, ownLayout } from './support/layouts.js';

const text = ownLayout();
const integer = ownLayout([], 'int64');
const MIN = '-9223372036854775808';

describe('texts in expressions', () => {
  it('are one literal, whatever they hold, and mean themselves', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const quoted = quoteText(value, MILVUS);
        expect(quoted).toMatch(/^"(?:[^"\\\n\r]|\\["\\nr])*"$/u);
        const escapes: Record<string, string> = { n: '\n', r: '\r' };
        const meant = quoted.slice(1, -1).replace(/\\(.)/gs, (_, char: string) => escapes[char] ?? char);
        expect(meant).toBe(value);
      }),
    );
  });

  it('are refused where a server cannot read them', () => {
    for (const value of ['a\nb', 'a\rb', 'a\0b']) {
      expect(() => quoteText(value, LITE_2)).toThrow(expect.objectContaining({ code: 'not-supported' }));
    }
    expect(quoteText('it\'s "so" \\', LITE_2)).toBe('"it\'s \\"so\\" \\\\"');
  });
});

describe('conditions on keys', () => {
  it('never spell the smallest integer, which Milvus cannot read', () => {
    expect(hasId(integer, [MIN, '5'], MILVUS)).toBe('(id in [5] or id < -9223372036854775807)');
    expect(hasId(integer, [MIN], MILVUS)).toBe('id < -9223372036854775807');
    expect(isAfter(integer, MIN, MILVUS)).toBe('id >= -9223372036854775807');
    expect(isUpTo(integer, MIN, MILVUS)).toBe('id < -9223372036854775807');
  });

  it('quote texts', () => {
    expect(hasId(text, ['a', "b'rien"], MILVUS)).toBe(`id in ["a","b'rien"]`);
    expect(isAfter(text, 'x"y', MILVUS)).toBe('id > "x\\"y"');
  });

  it('are joined in brackets', () => {
    expect(allOf('', undefined)).toBe('');
    expect(allOf('a or b', '')).toBe('a or b');
    expect(allOf('a or b', 'c')).toBe('(a or b) and (c)');
  });

  it('order texts by their bytes and integers by value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(compareIds(text, a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareIds(text, '\uffee', '😀')).toBeLessThan(0);
    expect(compareIds(integer, '9', '10')).toBeLessThan(0);
    expect(compareIds(integer, '9223372036854775806', '9223372036854775807')).toBeLessThan(0);
  });
});
