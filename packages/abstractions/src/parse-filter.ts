import { VecportError } from './errors.js';
import { FILTER_OPERATORS, type Filter, type FilterOperator, type FilterValue } from './filter.js';

const MAX_DEPTH = 64;

/**
 * Check that a value from outside (JSON, a request, a command line) is a filter, and copy what
 * belongs to one.
 * @throws VecportError `invalid-argument`, naming the place that is wrong.
 */
export function parseFilter(value: unknown, path = 'filter', depth = 0): Filter {
  if (depth > MAX_DEPTH) throw wrong(path, `is nested deeper than ${MAX_DEPTH}`);
  const node = asObject(value, path);
  const op = node['op'];
  if (!isOperator(op)) throw wrong(`${path}.op`, `must be one of ${FILTER_OPERATORS.join(', ')}`);
  switch (op) {
    case 'and':
    case 'or':
      return {
        op,
        filters: asList(node['filters'], `${path}.filters`).map((item, i) =>
          parseFilter(item, `${path}.filters[${i}]`, depth + 1),
        ),
      };
    case 'not':
      return { op, filter: parseFilter(node['filter'], `${path}.filter`, depth + 1) };
    case 'exists':
      return { op, field: asField(node, path) };
    case 'in':
      return {
        op,
        field: asField(node, path),
        values: asList(node['values'], `${path}.values`).map((item, i) => asScalar(item, `${path}.values[${i}]`)),
      };
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const bound = asScalar(node['value'], `${path}.value`);
      if (typeof bound === 'boolean')
        throw wrong(`${path}.value`, 'must be a text or a number: booleans have no order');
      return { op, field: asField(node, path), value: bound };
    }
    default:
      return { op, field: asField(node, path), value: asScalar(node['value'], `${path}.value`) };
  }
}

function isOperator(value: unknown): value is FilterOperator {
  return (FILTER_OPERATORS as readonly unknown[]).includes(value);
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'must be an object');
  return value as Record<string, unknown>;
}

function asList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(path, 'must be a list');
  return value;
}

function asField(node: Record<string, unknown>, path: string): string {
  const field = node['field'];
  if (typeof field !== 'string' || field === '') throw wrong(`${path}.field`, 'must be the name of a metadata field');
  return field;
}

function asScalar(value: unknown, path: string): FilterValue {
  if (typeof value === 'number' && !Number.isFinite(value)) throw wrong(path, 'must be a finite number');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  throw wrong(path, 'must be a text, a number or a boolean (use exists for null)');
}

function wrong(path: string, problem: string): VecportError {
  return new VecportError('invalid-argument', `The filter is not valid: ${path} ${problem}.`);
}
