/** An identifier that tools are known to damage. */
export interface GoldenId {
  readonly name: string;
  readonly id: string;
}

const UUID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

/**
 * Identifiers at the edges of what providers take: wide integers, uuids in both spellings, long
 * text, quotes, unicode. All are different texts; some differ only where a careless tool looks away.
 */
export const GOLDEN_IDS: readonly GoldenId[] = [
  { name: 'zero', id: '0' },
  { name: 'one', id: '1' },
  { name: 'one with a leading zero', id: '01' },
  { name: 'minus one', id: '-1' },
  { name: 'largest exact double', id: '9007199254740992' },
  { name: 'first integer a double cannot hold', id: '9007199254740993' },
  { name: 'largest i64', id: '9223372036854775807' },
  { name: 'least i64', id: '-9223372036854775808' },
  { name: 'above i64', id: '9223372036854775808' },
  { name: 'below the largest u64', id: '18446744073709551614' },
  { name: 'largest u64', id: '18446744073709551615' },
  { name: 'above u64', id: '18446744073709551616' },
  { name: 'uuid in lower case', id: UUID },
  { name: 'uuid in upper case', id: UUID.toUpperCase() },
  { name: 'nil uuid', id: '00000000-0000-0000-0000-000000000000' },
  { name: 'number with exponent', id: '1e3' },
  { name: 'word null', id: 'null' },
  { name: 'word true', id: 'true' },
  { name: '512 bytes', id: 'x'.repeat(512) },
  { name: '512 bytes of three-byte characters', id: `${'界'.repeat(170)}zz` },
  { name: 'single quotes', id: "it's 'quoted'" },
  { name: 'double quotes', id: 'say "hello"' },
  { name: 'backslashes', id: 'a\\b\\\\c\\' },
  { name: 'sql', id: "'; DROP TABLE points; --" },
  { name: 'path', id: '../a/b?c=d&e#f%20' },
  { name: 'spaces around', id: ' padded ' },
  { name: 'composed accent', id: 'caf\u00e9' },
  { name: 'decomposed accent', id: 'cafe\u0301' },
  { name: 'upper case', id: 'CASE' },
  { name: 'lower case', id: 'case' },
  { name: 'emoji with joiners', id: '👩‍👩‍👧‍👦' },
  { name: 'right to left', id: 'שלום-עולם' },
  { name: 'highest code point', id: '\u{10ffff}' },
  { name: 'private use above surrogates', id: '\uffee' },
  { name: 'tab and line feed', id: 'a\tb\nc' },
  { name: 'control character', id: 'a\u0001b' },
  { name: 'wildcards', id: '100%_*?' },
];
