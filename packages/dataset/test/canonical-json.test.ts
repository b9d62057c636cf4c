import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, createCanonicalizer } from '../src/canonical-json.js';
import { isCanonicalJson } from '../src/scan-json.js';
import { slowCanonicalJson } from './support/slow-canonical-json.js';

const canonical = (text: string): string => Buffer.from(canonicalJson(Buffer.from(text))).toString();

describe('canonicalJson', () => {
  it.each([
    ['white space', ' { "a" :\t[ 1 ,\r\n2 ] } ', '{"a":[1,2]}'],
    ['order of keys', '{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['order of keys inside', '{"b":{"d":1,"c":{"z":[],"y":{}}},"a":2}', '{"a":2,"b":{"c":{"y":{},"z":[]},"d":1}}'],
    ['order of objects in lists', '[{"b":1,"a":2},{"d":1,"c":2}]', '[{"a":2,"b":1},{"c":2,"d":1}]'],
    ['a key that is the start of another', '{"ab":1,"a":2,"":3}', '{"":3,"a":2,"ab":1}'],
    ['needless escapes', String.raw`"\u0041\/\u00e9\ud83d\ude00"`, '"A/é😀"'],
    [
      'control characters',
      String.raw`"\u0008\u0009\u000A\u000c\u000D\u001F\u0000"`,
      String.raw`"\b\t\n\f\r\u001f\u0000"`,
    ],
    ['escapes that are needed', String.raw`"\u0022\u005c\"\\"`, String.raw`"\"\\\"\\"`],
    ['lone surrogates', String.raw`"\uD83D-\uDE00\ud83d\ud83d\ude00"`, String.raw`"\ud83d-\ude00\ud83d😀"`],
    [
      'keys by their unescaped bytes',
      String.raw`{"~":1,"\u0061":2,"\n":3,"\"":4}`,
      String.raw`{"\n":3,"\"":4,"a":2,"~":1}`,
    ],
    ['keys by UTF-8, not by UTF-16', '{"\u{1f600}":1,"\uffff":2}', '{"\uffff":2,"\u{1f600}":1}'],
    [
      'a lone surrogate in a key',
      String.raw`{"\ue000":1,"\ud800":2,"\ud7ff":3}`,
      '{"\ud7ff":3,"\\ud800":2,"\ue000":1}',
    ],
    ['scalars', ' null ', 'null'],
  ])('brings into one form: %s', (_what, text, expected) => {
    expect(canonical(text)).toBe(expected);
    expect(canonical(expected)).toBe(expected);
  });

  it.each(['1', '1.0', '1e0', '1E0', '1.00', '10e-1', '-0', '0', '18446744073709551616', '0.1000'])(
    'keeps the spelling of the number %s',
    (text) => {
      expect(canonical(`{"b":${text}, "a":${text}}`)).toBe(`{"a":${text},"b":${text}}`);
    },
  );

  it('gives the same object back when the text is canonical', () => {
    const bytes = Buffer.from('{"a":[true,false,null,-1.5e+3,"\\u001f\\n😀"],"b":{}}');
    expect(canonicalJson(bytes)).toBe(bytes);
  });

  it.each([
    '',
    ' ',
    '{',
    '[',
    '"',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '[,]',
    '{,}',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '+1',
    'NaN',
    'tru',
    'nulll',
    '"\u0001"',
    String.raw`"\x"`,
    String.raw`"\u12G4"`,
    String.raw`"\u12"`,
    '1 2',
    '{}{}',
    "{'a':1}",
    '{a:1}',
    '\ufeff{}',
    '[1 2]',
    '{"a":1 "b":2}',
    '{"b":1,"a":2',
    '{"b":1,"a":2}]',
    '[}',
  ])('refuses what is not JSON: %j', (text) => {
    expect(() => canonical(text)).toThrow(expect.objectContaining({ code: 'corrupt-data' }));
  });

  it.each([
    ['in order', '{"a":1,"a":2}'],
    ['apart', '{"a":1,"b":2,"a":3}'],
    ['escaped differently', String.raw`{"a":1,"\u0061":2}`],
    ['with escapes that stay', String.raw`{"\n":1,"b":2,"\u000a":2}`],
  ])('refuses a key that is there twice, %s', (_how, text) => {
    expect(() => canonical(text)).toThrow(/twice in one object/);
  });

  it('refuses bytes that are not UTF-8, sorted or not', () => {
    for (const text of ['"\xff"', '{"b":"\xc3","a":1}', '"\xed\xa0\x80"']) {
      expect(() => canonicalJson(Buffer.from(text, 'latin1'))).toThrow(/not valid UTF-8/);
    }
  });

  it('reads 512 levels and refuses 513', () => {
    const nested = (levels: number, space: string): string => `${'['.repeat(levels)}${space}${']'.repeat(levels)}`;
    expect(canonical(nested(512, ' '))).toBe(nested(512, ''));
    for (const space of ['', ' ']) {
      expect(() => canonical(nested(513, space))).toThrow(/deeper than 512 levels/);
      expect(() => canonical(nested(200_000, space))).toThrow(/deeper than 512 levels/);
    }
  });

  it('sorts an object of many keys', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${(i * 7919) % 20_000}`);
    const text = `{${keys.map((key) => `"${key}":"${key}"`).join(',')}}`;
    expect(canonical(text)).toBe(
      `{${keys
        .sort()
        .map((key) => `"${key}":"${key}"`)
        .join(',')}}`,
    );
  });

  it('says which byte is wrong', () => {
    expect(() => canonical('{"a": 1, "b": x}')).toThrow('Not valid JSON (unexpected byte 14): {"a": 1, "b": x}');
    expect(() => canonical('{"b": 1')).toThrow('it ends too early');
  });
});

describe('canonicalJson against a slow and obvious version', () => {
  const spelled = fc
    .json({ maxDepth: 4, stringUnit: 'binary' })
    .chain((text) => fc.constantFrom(text, JSON.stringify(JSON.parse(text), null, 2), escapeAll(text)));

  it('gives the same, and the same again for its own result', () => {
    const reused = createCanonicalizer();
    fc.assert(
      fc.property(spelled, (text) => {
        const expected = slowCanonicalJson(text);
        expect(canonical(text)).toBe(expected);
        expect(Buffer.from(reused(Buffer.from(text))).toString()).toBe(expected);
        expect(canonical(expected)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a text for canonical only when it is', () => {
    fc.assert(
      fc.property(spelled, (text) => {
        expect(isCanonicalJson(Buffer.from(text)) && slowCanonicalJson(text) !== text).toBe(false);
      }),
    );
  });

  it('refuses exactly what JSON.parse refuses, of texts that were damaged', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '0', '\\', ' '), (text, place, put) => {
        const at = place % (text.length + 1);
        const damaged = text.slice(0, at) + put + text.slice(at + 1);
        expect(outcome(() => canonical(damaged))).toBe(outcome(() => slowCanonicalJson(damaged)));
      }),
      { numRuns: 500 },
    );
  });
});

/** `JSON.parse` takes a key that is there twice; that we do not is tested above. */
function outcome(work: () => unknown): 'refused' | 'taken' {
  try {
    work();
    return 'taken';
  } catch (error) {
    return String(error).includes('twice in one object') ? 'taken' : 'refused';
  }
}

/** The same JSON with every character of every string escaped. */
function escapeAll(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (string) => {
    const value = JSON.parse(string) as string;
    return `"${value
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('')}"`;
  });
}
