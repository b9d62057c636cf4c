import { describe, expect, it } from '@jest/globals';
import { type JsonValue, parseJson, stringifyJson } from '@vecport/abstractions';
import fc from 'fast-check';

const integer = fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }).map(String);
const double = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Object.is(value, -0))
  .map((value) => JSON.stringify(value));
const leaf = fc.oneof(
  integer,
  double,
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('null', 'true', 'false'),
);
const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(
        fc.tuple(
          fc.string().map((key) => `k${key}`),
          tie('value'),
        ),
        { selector: ([key]) => key, maxLength: 4 },
      )
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
})).value;

describe('parseJson and stringifyJson', () => {
  it('give every JSON text back, digit by digit', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it.each<[string, JsonValue]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['1.0', 1],
    ['12345678901234567890.5', 12345678901234567000],
    ['1e30', 1e30],
    ['"9007199254740993"', '9007199254740993'],
    ['[9007199254740993,{"a":9007199254740995}]', [9007199254740993n, { a: 9007199254740995n }]],
  ])('%s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('keep the sign of zero and the key __proto__', () => {
    expect(stringifyJson(-0)).toBe('-0.0');
    expect(Object.is(parseJson('-0.0'), -0)).toBe(true);
    const text = '{"__proto__":{"a":9007199254740993}}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  it('print dates as text and leave undefined fields out', () => {
    expect(stringifyJson({ d: new Date(0), u: undefined })).toBe('{"d":"1970-01-01T00:00:00.000Z"}');
  });

  it.each(['', '{', '{"a":}', '01', 'nul', '12345678901234567890,'])('refuses the text %j', (text) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: 'corrupt-data' }));
  });

  it('shows the beginning of a long text that is not JSON', () => {
    expect(() => parseJson(`x${'y'.repeat(5000)}`)).toThrow(/xy{79}…$/);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  it.each<[string, unknown]>([
    ['NaN', { a: Number.NaN }],
    ['an infinity', [1, Number.NEGATIVE_INFINITY]],
    ['a function', { a: () => 1 }],
    ['a symbol', { a: Symbol('s') }],
    ['undefined', undefined],
    ['undefined in a list', [1, undefined]],
    ['a cycle', cycle],
  ])('refuse %s instead of writing null', (_name, value) => {
    expect(() => stringifyJson(value)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
