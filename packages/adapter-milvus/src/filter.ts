import type { Filter } from '@vecport/abstractions';
import { type Compiled, equals, hasElement, isOneOf, isThere, ordered } from './comparisons.js';
import type { Layout } from './layout.js';
import { operandOf } from './operand.js';
import type { ServerInfo } from './server-kind.js';

/**
 * A filter as an expression of the server; '' when it holds for everything, `undefined` when it holds for nothing.
 * Negations are moved down to the comparisons, where a missing value is spelled out: servers differ in what they
 * make of those.
 * @throws VecportError `not-supported` naming the field, value or operator that this server does not evaluate exactly.
 */
export function compileFilter(filter: Filter | undefined, layout: Layout, server: ServerInfo): string | undefined {
  if (filter === undefined) return '';
  const compiled = compile(filter, layout, server, false);
  if (typeof compiled === 'string') return compiled;
  return compiled ? '' : undefined;
}

function compile(filter: Filter, layout: Layout, server: ServerInfo, negated: boolean): Compiled {
  switch (filter.op) {
    case 'not':
      return compile(filter.filter, layout, server, !negated);
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => compile(part, layout, server, negated));
      return combine(parts, (filter.op === 'and') !== negated);
    }
    default:
      return compare(filter, layout, server, negated);
  }
}

type Comparison = Exclude<Filter, { readonly op: 'and' | 'or' | 'not' }>;

function compare(filter: Comparison, layout: Layout, server: ServerInfo, negated: boolean): Compiled {
  const operand = operandOf(filter.field, layout, server);
  switch (filter.op) {
    case 'eq':
      return equals(operand, filter.value, negated, server);
    case 'ne':
      return equals(operand, filter.value, !negated, server);
    case 'in':
      return isOneOf(operand, filter.values, negated, server);
    case 'exists':
      return isThere(operand, filter.field, negated, server);
    case 'contains':
      return hasElement(operand, filter.field, filter.value, negated, server);
    default:
      return ordered(operand, filter.op, filter.value, negated, server);
  }
}

function combine(parts: readonly Compiled[], all: boolean): Compiled {
  if (parts.includes(!all)) return !all;
  const needed = parts.filter((part) => typeof part === 'string');
  if (needed.length === 0) return all;
  return needed.length === 1 ? (needed[0] ?? all) : `(${needed.join(all ? ' and ' : ' or ')})`;
}
