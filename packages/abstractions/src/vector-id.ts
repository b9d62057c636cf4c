import { VecportError } from './errors.js';

/**
 * A point's identifier, always as text, exactly as the provider would print it. Text is the only
 * form that keeps unsigned 64-bit integers, uuids and 512-byte strings alike.
 */
export type VectorId = string;

/**
 * What an identifier is inside a provider. A collection has a set of kinds (Qdrant mixes `u64` and
 * `uuid`), and no provider lets one text stand for two kinds in one collection, so the text of a
 * row together with the collection's kinds tells the row's kind (see {@link idKindOf}).
 */
export type IdKind = 'u64' | 'i64' | 'uuid' | 'string';

const UNSIGNED = /^(?:0|[1-9]\d{0,19})$/;
const SIGNED = /^(?:0|-?[1-9]\d{0,18})$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_U64 = 18446744073709551615n;
const MAX_I64 = 9223372036854775807n;
const MIN_I64 = -9223372036854775808n;

/** The kind of `id` in a collection that knows `kinds`, or `undefined` when it fits none of them. */
export function idKindOf(id: VectorId, kinds: readonly IdKind[]): IdKind | undefined {
  return kinds.find((kind) => kind !== 'string' && isIdOfKind(id, kind)) ?? kinds.find((kind) => kind === 'string');
}

/** Whether `id` is the canonical text of an identifier of this kind: of a uuid the one in lower case, with hyphens. */
export function isIdOfKind(id: VectorId, kind: IdKind): boolean {
  switch (kind) {
    case 'u64':
      return UNSIGNED.test(id) && BigInt(id) <= MAX_U64;
    case 'i64':
      return SIGNED.test(id) && within(BigInt(id), MIN_I64, MAX_I64);
    case 'uuid':
      return UUID.test(id);
    case 'string':
      return true;
  }
}

/** Identifier text from what applications hold. A number beyond 2^53 has lost digits already and is refused. */
export function toVectorId(value: string | number | bigint): VectorId {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new VecportError('invalid-argument', `The id ${value} is not an exact integer.`, {
      advice: 'Pass it as text or as a bigint.',
    });
  }
  return String(value);
}

function within(value: bigint, low: bigint, high: bigint): boolean {
  return value >= low && value <= high;
}
