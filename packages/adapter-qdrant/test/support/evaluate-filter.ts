import type { JsonValue } from '@vecport/abstractions';
import type { Condition, NumberRange, ServerFilter } from '../../src/conditions.js';

/** Fields with an integer index, which sees integers alone and compares with bounds cut towards zero. */
interface EvaluateOptions {
  readonly integerIndexes?: readonly string[];
}

/** What Qdrant finds: conditions hold for a value or for any element of a list, ranges compare doubles. */
export function evaluate(filter: ServerFilter | boolean, payload: JsonValue, options: EvaluateOptions = {}): boolean {
  return typeof filter === 'boolean' ? filter : holds(filter, payload, options);
}

function holds(condition: Condition, payload: JsonValue, options: EvaluateOptions): boolean {
  if (condition.kind === 'filter') {
    const { must = [], should, mustNot = [] } = condition;
    const passes = (part: Condition): boolean => holds(part, payload, options);
    return must.every(passes) && !mustNot.some(passes) && (should === undefined || should.some(passes));
  }
  const values = valuesAt(payload, condition.key).flatMap((value) =>
    Array.isArray(value) ? (value as JsonValue[]) : [value],
  );
  switch (condition.kind) {
    case 'match':
      return values.some((value) => isSame(value, condition.value));
    case 'any':
      return values.some((value) => condition.values.some((one) => isSame(value, one)));
    case 'range': {
      const cut = options.integerIndexes?.includes(condition.key) === true;
      return values.some((value) => (cut ? inCutRange(value, condition.range) : inRange(value, condition.range)));
    }
  }
}

/** Texts and booleans by type; integers only with integers, so a double that is whole is none. */
function isSame(value: JsonValue, wanted: string | boolean | bigint): boolean {
  if (typeof wanted !== 'bigint') return value === wanted;
  return (
    (typeof value === 'bigint' && value === wanted) ||
    (typeof value === 'number' && isStoredInteger(value) && BigInt(value) === wanted)
  );
}

// Small whole numbers in the tests stand for integers, large ones for doubles.
function isStoredInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}

function inRange(value: JsonValue, { gt, gte, lt, lte }: NumberRange): boolean {
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  const double = Number(value);
  return (
    (gt === undefined || double > gt) &&
    (gte === undefined || double >= gte) &&
    (lt === undefined || double < lt) &&
    (lte === undefined || double <= lte)
  );
}

function inCutRange(value: JsonValue, range: NumberRange): boolean {
  if (typeof value !== 'bigint') return false;
  const cut = (bound: number | undefined): bigint | undefined => (bound === undefined ? undefined : saturated(bound));
  const [gt, gte, lt, lte] = [cut(range.gt), cut(range.gte), cut(range.lt), cut(range.lte)];
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

function saturated(bound: number): bigint {
  const whole = BigInt(Math.trunc(bound));
  if (whole > 2n ** 63n - 1n) return 2n ** 63n - 1n;
  return whole < -(2n ** 63n) ? -(2n ** 63n) : whole;
}

function valuesAt(payload: JsonValue, path: string): readonly JsonValue[] {
  const elements = path.endsWith('[]');
  const keys = path
    .replace(/\[\]$/, '')
    .split('.')
    .map((key) => key.replaceAll('"', ''));
  let value: JsonValue | undefined = payload;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    value = (value as Readonly<Record<string, JsonValue>>)[key];
  }
  if (value === undefined) return [];
  if (!elements) return [value];
  return Array.isArray(value) ? (value as JsonValue[]) : [];
}
