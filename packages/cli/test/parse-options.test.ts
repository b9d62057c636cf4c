import { describe, expect, it } from '@jest/globals';
import {
  collectName,
  parseBytes,
  parseCount,
  parseCountOrNone,
  parseDuration,
  parseFilterOption,
  parseNames,
  parseRate,
  parseText,
} from '../src/parse-options.js';

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

  it('takes a filter as an expression', () => {
    expect(parseFilterOption("lang = 'de'")).toEqual({ op: 'eq', field: 'lang', value: 'de' });
    expect(() => parseFilterOption('lang =')).toThrow('At character 7');
  });

  it.each([
    ['512', 512],
    ['512MB', 512_000_000],
    ['1.5 GiB', 1_610_612_736],
    ['2kb', 2000],
  ])('takes %p as bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['0.5s', 500],
    ['20ms', 20],
    ['24d', 2_073_600_000],
  ])('takes %p as a duration', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    ['1000/s', 1000],
    ['0.5', 0.5],
  ])('takes %p as a rate', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  it.each(['', '0', '-1MB', '1XB', '1e3', 'MB'])('refuses %p as bytes', (text) => {
    expect(() => parseBytes(text)).toThrow('number of bytes');
  });

  it.each(['', '30', '0s', 'm', '1h 30m', '25d', '-1s'])('refuses %p as a duration', (text) => {
    expect(() => parseDuration(text)).toThrow('duration');
  });

  it.each(['', '0', '0/s', '10/m', '-1/s'])('refuses %p as a rate', (text) => {
    expect(() => parseRate(text)).toThrow('points a second');
  });

  it('takes zero as a count where that is a number of attempts', () => {
    expect([parseCountOrNone('0'), parseCountOrNone('3')]).toEqual([0, 3]);
    expect(() => parseCountOrNone('-1')).toThrow('whole number');
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
