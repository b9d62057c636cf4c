import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../src/qdrant/json-parse.js';
import { doubleText, printJson } from '../../src/qdrant/json-print.js';

function parsed(text: string): unknown {
  return parseJson(Buffer.from(text));
}

describe('JSON of the fake of Qdrant', () => {
  it('gives back what it read, to the last digit', () => {
    fc.assert(
      fc.property(fc.json(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (json, integer) => {
        const text = `{"a":${json},"b":${integer}}`;
        const again = printJson(parseJson(Buffer.from(text)));
        expect(JSON.parse(again)).toEqual(JSON.parse(text));
        expect(again.endsWith(`,"b":${integer}}`)).toBe(true);
        expect(printJson(parseJson(Buffer.from(again)))).toBe(again);
      }),
    );
  });

  it.each([
    ['1.0', '1.0'],
    ['-0', '-0.0'],
    ['1e20', '1e+20'],
    ['1e15', '1000000000000000.0'],
    ['1e16', '1e+16'],
    ['0.00001', '0.00001'],
    ['0.0000015', '1.5e-6'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551616', '1.8446744073709552e+19'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['"\\u00e9\\ud83d\\ude00\\/\\u0007"', '"é😀/\\u0007"'],
    ['[ 1 , {"a" : null} ]', '[1,{"a":null}]'],
    ['{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'],
  ])('prints %s as %s', (text, printed) => {
    expect(printJson(parseJson(Buffer.from(text)))).toBe(printed);
  });

  it('prints float32 in the shortest form', () => {
    const values = new Float32Array([0.1, -0, 1, 16777216, 1e13, 1e12, 1e-6, 1e-7, -1.5e-7, 3.4028234663852886e38]);
    expect(printJson(values)).toBe(
      '[0.1,-0.0,1.0,16777216.0,1e+13,1000000000000.0,0.000001,1e-7,-1.5e-7,3.4028235e+38]',
    );
    expect(doubleText(Number.NaN)).toBe('null');
  });

  it.each([
    ['', 'EOF while parsing a value at line 1 column 0'],
    ['{"limit": ', 'EOF while parsing a value at line 1 column 10'],
    ['{"a":1', 'EOF while parsing an object at line 1 column 6'],
    ['[1', 'EOF while parsing a list at line 1 column 2'],
    ['"a', 'EOF while parsing a string at line 1 column 2'],
    ['[1,]', 'trailing comma at line 1 column 4'],
    ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
    ['{"a" 1}', 'expected `:` at line 1 column 6'],
    ['{a:1}', 'key must be a string at line 1 column 2'],
    ['{"é":\n x}', 'expected value at line 2 column 2'],
    ['1 2', 'trailing characters at line 1 column 3'],
    ['"\\ud800"', 'unexpected end of hex escape at line 1 column 8'],
    ['1e999', 'number out of range at line 1 column 5'],
    ['['.repeat(200), 'recursion limit exceeded at line 1 column 128'],
  ])('refuses %j', (text, error) => {
    expect(() => parsed(text)).toThrow(`Format error in JSON body: ${error}`);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('Format error in JSON body: ');
  });
});
