import { describe, expect, it } from '@jest/globals';
import { propertyValue } from '../src/property-values.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const held = (type: string, text: string, strict = false): unknown =>
  propertyValue({ name: 'x', type, strict }, bytes(text));

describe('a property holds', () => {
  it.each([
    ['text', '"a b"', 'a b'],
    ['text', '" a "', ' a '],
    ['text', '""', ''],
    ['int', '-7', -7],
    ['int', '9007199254740991', 9007199254740991],
    ['number', '0.1', 0.1],
    ['number', '5e-324', 5e-324],
    ['number', '1.7976931348623157e+308', Number.MAX_VALUE],
    ['boolean', 'false', false],
    ['uuid', '"3f2504e0-4f89-41d3-9a0c-0305e82c3301"', '3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
    ['date', '"2024-02-29T23:59:59.123456789+14:00"', '2024-02-29T23:59:59.123456789+14:00'],
    ['date', '"0001-01-01T00:00:00Z"', '0001-01-01T00:00:00Z'],
    ['blob', '"aGVsbG8="', 'aGVsbG8='],
    ['text[]', '["a",""]', ['a', '']],
    ['int[]', '[1,-2]', [1, -2]],
    ['number[]', '[0.5,1e-7]', [0.5, 1e-7]],
    ['boolean[]', '[true,false]', [true, false]],
  ])('as %s the value %s', (type, text, value) => {
    expect(held(type, text)).toEqual(value);
  });

  it.each([
    ['text', '1'],
    ['text', 'null'],
    ['text', '"\\u00e9"'],
    ['text', '"\\ud800"'],
    ['int', '1.0'],
    ['int', '1e2'],
    ['int', '-0'],
    ['int', '9007199254740992'],
    ['int', '"1"'],
    ['number', '1.0'],
    ['number', '-0'],
    ['number', '1E5'],
    ['number', '1e400'],
    ['number', '0.1000000000000000055511151231257827'],
    ['boolean', '1'],
    ['uuid', '"3F2504E0-4F89-41D3-9A0C-0305E82C3301"'],
    ['date', '"2024-02-30T00:00:00Z"'],
    ['date', '"2023-02-29T00:00:00Z"'],
    ['date', '"2024-01-01T00:00:00.10Z"'],
    ['date', '"2024-01-01T00:00:00+00:00"'],
    ['date', '"2024-01-01T23:59:60Z"'],
    ['date', '"2024-01-01"'],
    ['blob', '"a"'],
    ['blob', '""'],
    ['text[]', '[]'],
    ['text[]', '["a",1]'],
    ['text[]', '[ "a" ]'],
    ['text[]', '"a"'],
    ['int[]', '[1.5]'],
    ['number[]', '[1,null]'],
    ['geoCoordinates', '{"latitude":1,"longitude":2}'],
    ['object', '{"a":1}'],
    ['reference', '[{"beacon":"x"}]'],
  ])('not as %s the value %s', (type, text) => {
    expect(held(type, text)).toBeUndefined();
  });

  it.each(['""', '" a"', '"a "', '"\u0085a"', '"a\u00a0"'])('not %s as a text that filters must see', (text) => {
    expect(held('text', text, true)).toBeUndefined();
    expect(held('text[]', `["ok",${text}]`, true)).toBeUndefined();
  });
});
