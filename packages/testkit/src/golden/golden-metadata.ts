/** Metadata that tools are known to damage. */
export interface GoldenMetadata {
  readonly name: string;
  /** JSON text, or `undefined` for a point without metadata. */
  readonly text: string | undefined;
}

/** Metadata as JSON text, since its spelling is what is tested. */
export const GOLDEN_METADATA: readonly GoldenMetadata[] = [
  { name: 'missing', text: undefined },
  { name: 'empty object', text: '{}' },
  { name: 'null field', text: '{"a":null}' },
  { name: 'empty text', text: '{"a":""}' },
  { name: 'integer one', text: '{"n":1}' },
  { name: 'one with a fraction', text: '{"n":1.0}' },
  { name: 'exponent', text: '{"n":1e2}' },
  { name: 'exponent in capitals', text: '{"n":1E+2}' },
  { name: 'hundred', text: '{"n":100}' },
  { name: 'negative zero', text: '{"n":-0.0}' },
  { name: 'decimal that is no double', text: '{"n":0.1000000000000000055511151231257827021181583404541015625}' },
  { name: 'digits as text', text: '{"s":"123"}' },
  { name: 'object as text', text: '{"s":"{}"}' },
  { name: 'true as text', text: '{"s":"true","b":true}' },
  { name: 'null as text', text: '{"s":"null"}' },
  { name: 'above 2^53', text: '{"n":9007199254740993}' },
  { name: 'largest i64', text: '{"n":9223372036854775807}' },
  { name: 'above 2^63', text: '{"n":9223372036854775809}' },
  { name: 'largest u64', text: '{"n":18446744073709551615}' },
  { name: 'forty digits', text: '{"n":1234567890123456789012345678901234567890}' },
  { name: 'largest double', text: '{"n":1.7976931348623157e308}' },
  { name: 'least double', text: '{"n":5e-324}' },
  { name: 'nested', text: '{"a":{"b":{"c":[{"d":1},[[]],{}]}}}' },
  { name: 'numbers that look like a vector', text: '{"v":[0.1,0.2,0.3,0.4]}' },
  { name: 'mixed list', text: '{"l":[1,"1",true,null,{"a":1},[1]]}' },
  { name: 'empty list', text: '{"l":[]}' },
  { name: 'dates', text: '{"d":"2024-02-29T23:59:60.123456789+14:00","e":"2024-02-29"}' },
  { name: 'emoji', text: '{"s":"👩‍👩‍👧‍👦 \u{10ffff}"}' },
  { name: 'escaped spelling', text: '{"s":"\\u00e9\\ud83d\\ude00\\/"}' },
  { name: 'control characters', text: '{"s":"\\u0000\\u0001\\t\\n\\u007f"}' },
  { name: 'line separators', text: '{"s":"a\u2028b\u2029c"}' },
  { name: 'keys with dots', text: '{"a.b":1,"a":{"b":2}}' },
  { name: 'keys with quotes', text: '{"it\'s":1,"say \\"x\\"":2,"back\\\\slash":3}' },
  { name: 'keys in unicode', text: '{"ключ":1,"鍵":2,"🔑":3,"":4," ":5}' },
  { name: 'keys of objects', text: '{"__proto__":1,"constructor":2,"toString":3}' },
  { name: 'keys like columns', text: '{"id":"x","vector":[1],"metadata":{},"_distance":1,"score":2}' },
  { name: 'keys out of order', text: '{"b":1,"a":2,"10":3,"9":4}' },
  { name: 'spaces', text: '{ "a" : [ 1 , 2 ] }' },
  { name: 'long text', text: `{"s":"${'0123456789abcdef'.repeat(8192)}"}` },
  { name: 'many keys', text: `{${Array.from({ length: 500 }, (_, i) => `"k${i}":${i}`).join(',')}}` },
];
