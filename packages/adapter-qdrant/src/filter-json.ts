import type { Condition, ServerFilter } from './conditions.js';

/** A filter as the REST interface takes it, as JSON text; integers keep all their digits. */
export function filterJson({ must, should, mustNot }: ServerFilter): string {
  const clauses = [
    ['must', must],
    ['should', should],
    ['must_not', mustNot],
  ] as const;
  const written = clauses.flatMap(([name, conditions]) => {
    return conditions === undefined ? [] : [`"${name}":[${conditions.map(conditionJson).join(',')}]`];
  });
  return `{${written.join(',')}}`;
}

function conditionJson(condition: Condition): string {
  if (condition.kind === 'filter') return filterJson(condition);
  const key = JSON.stringify(condition.key);
  switch (condition.kind) {
    case 'match':
      return `{"key":${key},"match":{"value":${scalarJson(condition.value)}}}`;
    case 'any':
      return `{"key":${key},"match":{"any":[${condition.values.map(scalarJson).join(',')}]}}`;
    case 'range':
      return `{"key":${key},"range":${JSON.stringify(condition.range)}}`;
  }
}

function scalarJson(value: string | boolean | bigint): string {
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
