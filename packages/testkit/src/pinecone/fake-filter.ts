import type { FakeMetadata, FakeMetadataValue } from './fake-record.js';
import { invalid } from './fake-reply.js';

type Scalar = string | number | boolean;
type Test = (value: FakeMetadataValue | undefined) => boolean;

const NUMERIC: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  $gt: (left, right) => left > right,
  $gte: (left, right) => left >= right,
  $lt: (left, right) => left < right,
  $lte: (left, right) => left <= right,
};
const MAX_LIST = 10_000;

/**
 * A filter of Pinecone's language as a predicate. A list of strings matches where any element does. Whether
 * `$ne`, `$nin` and `$not` match records without the field is not documented: `negationsMatchMissing` decides.
 * @throws Refused as Pinecone refuses what it does not understand.
 */
export function compileFakeFilter(
  filter: unknown,
  negationsMatchMissing: boolean,
): (metadata: FakeMetadata | undefined) => boolean {
  if (!isObject(filter)) throw invalid('the filter must be an object');
  const clauses = Object.entries(filter).map(([key, condition]) => clause(key, condition, negationsMatchMissing));
  return (metadata) => clauses.every((holds) => holds(metadata));
}

function clause(
  key: string,
  condition: unknown,
  negationsMatchMissing: boolean,
): (metadata: FakeMetadata | undefined) => boolean {
  if (key === '$and' || key === '$or') {
    if (!Array.isArray(condition) || condition.length === 0)
      throw invalid(`the ${key} operator must be a non-empty list`);
    const parts = condition.map((part: unknown) => compileFakeFilter(part, negationsMatchMissing));
    return key === '$and'
      ? (metadata) => parts.every((holds) => holds(metadata))
      : (metadata) => parts.some((holds) => holds(metadata));
  }
  if (key.startsWith('$')) throw invalid(`${key} is not a valid operator at the top level`);
  const test = fieldTest(condition, negationsMatchMissing);
  return (metadata) => test(metadata !== undefined && Object.hasOwn(metadata, key) ? metadata[key] : undefined);
}

function fieldTest(condition: unknown, negationsMatchMissing: boolean): Test {
  if (isScalar(condition)) return equals(condition);
  if (!isObject(condition)) throw invalid(`illegal condition for a field: ${JSON.stringify(condition)}`);
  const entries = Object.entries(condition);
  if (entries.length === 0) throw invalid('illegal condition for a field: {}');
  const tests = entries.map(([operator, operand]) => operatorTest(operator, operand, negationsMatchMissing));
  return (value) => tests.every((holds) => holds(value));
}

function operatorTest(operator: string, operand: unknown, negationsMatchMissing: boolean): Test {
  const negated =
    (test: Test): Test =>
    (value) =>
      value === undefined ? negationsMatchMissing : !test(value);
  const compare = NUMERIC[operator];
  if (compare !== undefined) {
    if (typeof operand !== 'number') throw invalid(`the ${operator} operator must be followed by a number`);
    return (value) => typeof value === 'number' && compare(value, operand);
  }
  switch (operator) {
    case '$eq':
    case '$ne': {
      if (!isScalar(operand))
        throw invalid(`the ${operator} operator must be followed by a string, boolean or a number`);
      return operator === '$eq' ? equals(operand) : negated(equals(operand));
    }
    case '$in':
    case '$nin': {
      const test = oneOf(operator, operand);
      return operator === '$in' ? test : negated(test);
    }
    case '$exists': {
      if (typeof operand !== 'boolean') throw invalid('the $exists operator must be followed by a boolean');
      return (value) => (value !== undefined) === operand;
    }
    case '$not':
      return negated(fieldTest(operand, negationsMatchMissing));
    default:
      throw invalid(`${operator} is not a valid operator`);
  }
}

function oneOf(operator: string, operand: unknown): Test {
  const good = (item: unknown): boolean => typeof item === 'string' || typeof item === 'number';
  if (!Array.isArray(operand) || operand.length === 0 || !operand.every(good)) {
    throw invalid(`the ${operator} operator must be followed by a list of strings or numbers`);
  }
  if (operand.length > MAX_LIST) throw invalid(`the ${operator} operator accepts at most ${MAX_LIST} values`);
  const tests = (operand as Scalar[]).map(equals);
  return (value) => tests.some((holds) => holds(value));
}

function equals(operand: Scalar): Test {
  return (value) => (Array.isArray(value) ? (value as readonly unknown[]).includes(operand) : value === operand);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
