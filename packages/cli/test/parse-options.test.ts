import { describe, expect, it } from '@jest/globals';
import { collectName, parseCount, parseFilterOption, parseNames, parseText } from '../src/parse-options.js';

describe('option values', () => {
  it.each(['1', '1000', '007'])('takes %p as a count', (text) => {
    expect(parseCount(text)).toBe(Number(text));
  });

  it.each(['0', '-1', '1.5', '1e3', '', ' 1', 'ten', '9007199254740993'])('refuses %p as a count', (text) => {
    expect(() => parseCount(text)).toThrow('whole number');
  });

  it('takes a filter without losing a digit', () => {
    expect(parseFilterOption('{"op":"eq","field":"n","value":9007199254740993}')).toEqual({
      op: 'eq',
      field: 'n',
      value: 9007199254740993n,
    });
  });

  it.each([
    ['{"op":"like"}', 'filter.op must be one of'],
    ['{"op":', 'Not valid JSON'],
    ['[]', 'must be an object'],
  ])('refuses the filter %p', (text, reason) => {
    expect(() => parseFilterOption(text)).toThrow(reason);
  });

  it('takes names between commas, each once', () => {
    expect(parseNames('a, b,a')).toEqual(['a', 'b']);
    expect(() => parseNames('a,,b')).toThrow('names with commas');
  });

  it('collects names in their order, each once', () => {
    expect(collectName('a', collectName('b', collectName('a')))).toEqual(['a', 'b']);
  });

  it('refuses an empty text', () => {
    expect(parseText('x')).toBe('x');
    expect(() => parseText(' ')).toThrow('not be empty');
  });
});
