import { compileFieldCondition } from './field-condition.js';
import { isJsonArray, isJsonObject, type JsonValue, jsonObject } from './json-value.js';
import { parsePath, valuesAt } from './payload-path.js';
import { readPointId } from './point-id.js';
import { formatError, notInFake } from './server-error.js';
import type { StoredPoint } from './stored-point.js';

/** Whether a point passes a filter. */
export type PointTest = (point: StoredPoint) => boolean;

const NO_CONDITION = 'data did not match any variant of untagged enum Condition';
const CLAUSES = new Set(['must', 'should', 'must_not', 'min_should']);

/** Compile a filter in the form of the REST interface; without one every point passes. */
export function compileFilter(filter: JsonValue | undefined): PointTest {
  if (filter === undefined || filter === null) return () => true;
  if (!isJsonObject(filter)) throw formatError('invalid type: expected struct Filter');
  for (const key of filter.keys()) if (!CLAUSES.has(key)) throw formatError(`unknown field \`${key}\``);
  const must = conditions(filter.get('must'));
  const mustNot = conditions(filter.get('must_not'));
  const should = conditions(filter.get('should'));
  const enough = minShould(filter.get('min_should'));
  return (point) =>
    must.every((passes) => passes(point)) &&
    !mustNot.some((passes) => passes(point)) &&
    (should.length === 0 || should.some((passes) => passes(point))) &&
    enough(point);
}

function conditions(value: JsonValue | undefined): readonly PointTest[] {
  if (value === undefined || value === null) return [];
  return (isJsonArray(value) ? value : [value]).map(compileCondition);
}

function minShould(value: JsonValue | undefined): PointTest {
  if (value === undefined || value === null) return () => true;
  const count = isJsonObject(value) ? value.get('min_count') : undefined;
  if (!isJsonObject(value) || typeof count !== 'bigint') throw formatError('missing field `min_count`');
  const tests = conditions(value.get('conditions'));
  return (point) => BigInt(tests.filter((passes) => passes(point)).length) >= count;
}

function compileCondition(condition: JsonValue): PointTest {
  if (!isJsonObject(condition)) throw formatError(NO_CONDITION);
  if (condition.has('key')) {
    const passes = compileFieldCondition(condition);
    return (point) => passes(point.payload, point.textFields);
  }
  const [name] = condition.keys();
  const value = name === undefined ? undefined : condition.get(name);
  switch (name) {
    case 'has_id':
      return hasId(value);
    case 'has_vector':
      return (point) => typeof value === 'string' && point.vectors.has(value);
    case 'is_empty':
    case 'is_null':
      return compileCondition(jsonObject({ key: keyOf(value), [name]: true }));
    case 'nested':
      return nested(value);
    case 'slice':
      throw notInFake('slice conditions, which servers have from 1.19 on');
    default:
      if (name === undefined || CLAUSES.has(name)) return compileFilter(condition);
      throw formatError(NO_CONDITION);
  }
}

function hasId(value: JsonValue | undefined): PointTest {
  if (!isJsonArray(value)) throw formatError(NO_CONDITION);
  const ids = new Set(value.map(readPointId));
  return (point) => ids.has(point.id);
}

/** The filter must hold for one and the same element of the list. */
function nested(value: JsonValue | undefined): PointTest {
  if (!isJsonObject(value)) throw formatError(NO_CONDITION);
  const text = keyOf(value);
  const path = parsePath(text.endsWith('[]') ? text : `${text}[]`);
  const passes = compileFilter(value.get('filter'));
  return (point) =>
    valuesAt(point.payload, path).some(
      (element) => isJsonObject(element) && passes({ ...point, payload: element, textFields: new Set() }),
    );
}

function keyOf(value: JsonValue | undefined): string {
  const key = isJsonObject(value) ? value.get('key') : undefined;
  if (typeof key !== 'string') throw formatError(NO_CONDITION);
  return key;
}
