import { describe, expect, it } from '@jest/globals';
import { heldAs, isPythonNumber } from '../src/held-json.js';
import { foreignLayout, LITE_3, MILVUS, ownLayout } from './support/layouts.js';

const own = ownLayout([
  { name: 'rank', type: 'integer' },
  { name: 'a.b', type: 'string' },
  { name: 'tags', type: 'string[]' },
]);
const held = (key: string, value: string, server = MILVUS, layout = own): string =>
  heldAs(layout, server, key, Buffer.from(value));

describe('what the dynamic field keeps', () => {
  it('is everything in Milvus but what filters would take for something else', () => {
    for (const value of ['1', '1.0', '1E+2', '"x"', '{"a":null}', '9223372036854775807', '5e-324', '"\\ud800"']) {
      expect([value, held('n', value)]).toEqual([value, 'exactly']);
    }
    for (const value of ['null', '9223372036854775808', '[[-9223372036854775809]]', '{"x":1e400}']) {
      expect([value, held('n', value)]).toEqual([value, 'not']);
    }
    expect(held('n', 'null', MILVUS, foreignLayout([]))).toBe('exactly');
  });

  it.each(['id', 'vector', '$meta', '_vecport'])('is not a field named %s', (name) => {
    expect(held(name, '1')).toBe('not');
  });

  it('is in milvus-lite 3 what Python prints the same, and of the declared type', () => {
    expect(held('x', '[1,2.5,{"a":"b"}]', LITE_3)).toBe('exactly');
    expect(held('x', '{"a":1e2}', LITE_3)).toBe('respelled');
    expect(held('x', '{"a":1,"a":2}', LITE_3)).toBe('not');
    expect(held('x', '"\\ud800"', LITE_3)).toBe('not');
    expect(held('rank', '2.5', LITE_3)).toBe('exactly');
    expect(held('rank', '"2"', LITE_3)).toBe('not');
    expect(held('rank', 'true', LITE_3)).toBe('not');
    expect(held('rank', 'null', LITE_3)).toBe('exactly');
    expect(held('a', '{"b":1}', LITE_3)).toBe('not');
    expect(held('a', '{"c":1}', LITE_3)).toBe('exactly');
    expect(held('tags', '["x",1]', LITE_3)).toBe('not');
  });

  it('knows how Python prints numbers', () => {
    // Taken from python3: repr(json.loads(text)) == text.
    const same = [
      '0',
      '-1',
      '1234567890123456789012345678901234567890',
      '0.0',
      '-0.0',
      '1.0',
      '0.1',
      '0.0001',
      '123.456',
      '1000000000000000.0',
    ];
    const other = [
      '-0',
      '1e2',
      '1E2',
      '1.10',
      '0.00001',
      '1e-07',
      '1e22',
      '10000000000000000.0',
      '123456789012345678.5',
      '0.1000000000000000055511151231257827',
    ];
    for (const text of same) expect([text, isPythonNumber(text)]).toEqual([text, true]);
    for (const text of other) expect([text, isPythonNumber(text)]).toEqual([text, false]);
  });
});
