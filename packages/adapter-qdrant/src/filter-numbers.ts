import { all, any, type Compiled, none, type OrderOperator } from './conditions.js';
import { notSupported } from './errors.js';

const EXACT = 2 ** 53;
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);
const TWO_64 = 2n ** 64n;

type NumberOperator = OrderOperator | 'eq';

/**
 * A comparison with a number, exact for every number a payload can hold. Qdrant compares ranges as doubles,
 * which takes neighbours beyond 2^53 for equal, and an integer index cuts the fraction off a bound: both
 * are corrected with exact integers.
 * @throws VecportError `not-supported` for numbers between 2^63 and 2^64, whose neighbours cannot be named.
 */
export function compareNumber(key: string, op: NumberOperator, value: number | bigint): Compiled {
  const double = Number(value) + 0;
  if (Math.abs(double) < EXACT) {
    return Number.isInteger(double) ? range(key, op, double) : withFraction(key, op, double);
  }
  if (value > MAX_I64 && value <= TWO_64) throw between(value);
  if (!Number.isFinite(double)) return beyondDoubles(key, op, double);
  return largeNumber(key, op, value, double);
}

function range(key: string, op: NumberOperator, bound: number): Compiled {
  return { kind: 'range', key, range: op === 'eq' ? { gte: bound, lte: bound } : { [op]: bound } };
}

/** An integer index compares with the bound cut towards zero, so that one integer may be on the wrong side. */
function withFraction(key: string, op: NumberOperator, bound: number): Compiled {
  const cut = range(key, 'eq', Math.trunc(bound) + 0);
  const included = op !== 'eq' && holds(op, Math.trunc(bound), bound);
  return included ? any([range(key, op, bound), cut]) : all([range(key, op, bound), none(cut)]);
}

/** Integers that round to the same double as the value are named one by one; all others, and doubles, are in order. */
function largeNumber(key: string, op: NumberOperator, value: number | bigint, double: number): Compiled {
  const same = roundingTo(double);
  const inside = same.filter((integer) => holds(op, integer, value));
  const outside = same.filter((integer) => !holds(op, integer, value));
  const doubles = holds(op, double, value)
    ? range(key, INCLUSIVE[op], double)
    : EXCLUSIVE[op] && range(key, EXCLUSIVE[op], double);
  return all([
    any([doubles ?? false, inside.length > 0 && { kind: 'any', key, values: inside }]),
    outside.length === 0 || none({ kind: 'any', key, values: outside }),
  ]);
}

const INCLUSIVE = { eq: 'eq', gt: 'gte', gte: 'gte', lt: 'lte', lte: 'lte' } as const;
const EXCLUSIVE = { eq: undefined, gt: 'gt', gte: 'gt', lt: 'lt', lte: 'lt' } as const;

/** The signed 64-bit integers whose nearest double this is; beyond them the one an integer index compares with. */
function roundingTo(double: number): readonly bigint[] {
  const middle = BigInt(double);
  if (middle > MAX_I64 + 1n) return [MAX_I64];
  if (middle < MIN_I64) return [MIN_I64];
  const found: bigint[] = [];
  for (let below = middle; below >= MIN_I64 && Number(below) === double; below--)
    if (below <= MAX_I64) found.push(below);
  for (let above = middle + 1n; above <= MAX_I64 && Number(above) === double; above++) found.push(above);
  return found;
}

function beyondDoubles(key: string, op: NumberOperator, double: number): Compiled {
  const below = double > 0;
  if (op === 'eq' || (op === 'gt' || op === 'gte') === below) return false;
  return range(key, below ? 'lte' : 'gte', below ? Number.MAX_VALUE : -Number.MAX_VALUE);
}

function holds(op: NumberOperator, left: number | bigint, right: number | bigint): boolean {
  switch (op) {
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    default:
      // biome-ignore lint/suspicious/noDoubleEquals: `==` compares number and bigint by value, exactly
      return left == right;
  }
}

function between(value: number | bigint): Error {
  return notSupported(
    `A comparison with ${value} is not supported: Qdrant compares numbers between 2^63 and 2^64 only roughly.`,
  );
}
