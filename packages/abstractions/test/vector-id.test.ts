import { describe, expect, it } from '@jest/globals';
import { type IdKind, idKindOf, isIdOfKind, toVectorId } from '@vecport/abstractions';
import fc from 'fast-check';

describe('isIdOfKind', () => {
  it.each<[IdKind, string, boolean]>([
    ['u64', '0', true],
    ['u64', '18446744073709551615', true],
    ['u64', '18446744073709551616', false],
    ['u64', '-1', false],
    ['u64', '01', false],
    ['u64', '1.0', false],
    ['u64', '1e3', false],
    ['u64', ' 1', false],
    ['u64', '', false],
    ['i64', '-9223372036854775808', true],
    ['i64', '-9223372036854775809', false],
    ['i64', '9223372036854775807', true],
    ['i64', '9223372036854775808', false],
    ['i64', '-0', false],
    ['i64', '+1', false],
    ['uuid', '3f2504e0-4f89-41d3-9a0c-0305e82c3301', true],
    ['uuid', '3F2504E0-4F89-41D3-9A0C-0305E82C3301', false],
    ['uuid', '3f2504e04f8941d39a0c0305e82c3301', false],
    ['uuid', '{3f2504e0-4f89-41d3-9a0c-0305e82c3301}', false],
    ['string', '', true],
  ])('%s %j: %s', (kind, id, expected) => {
    expect(isIdOfKind(id, kind)).toBe(expected);
  });

  it('takes exactly the integers that fit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), (value) => {
        expect(isIdOfKind(String(value), 'u64')).toBe(BigInt.asUintN(64, value) === value);
        expect(isIdOfKind(String(value), 'i64')).toBe(BigInt.asIntN(64, value) === value);
      }),
    );
  });
});

describe('idKindOf', () => {
  it('prefers the narrow kind, and string takes the rest', () => {
    expect(idKindOf('7', ['string', 'u64'])).toBe('u64');
    expect(idKindOf('07', ['string', 'u64'])).toBe('string');
    expect(idKindOf('07', ['u64', 'uuid'])).toBeUndefined();
    expect(idKindOf('7', [])).toBeUndefined();
  });
});

describe('toVectorId', () => {
  it('prints integers with all their digits and keeps text', () => {
    expect([toVectorId(7), toVectorId(18446744073709551615n), toVectorId('007')]).toEqual([
      '7',
      '18446744073709551615',
      '007',
    ]);
  });

  it.each([2 ** 53, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the number %p', (value) => {
    expect(() => toVectorId(value)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
