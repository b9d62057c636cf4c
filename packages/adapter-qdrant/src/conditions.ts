/** The bounds of a range, as doubles. */
export interface NumberRange {
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
}

/** A condition of Qdrant's filters (https://qdrant.tech/documentation/concepts/filtering/). `key` is a path. */
export type Condition =
  | { readonly kind: 'match'; readonly key: string; readonly value: string | boolean | bigint }
  | { readonly kind: 'any'; readonly key: string; readonly values: readonly string[] | readonly bigint[] }
  | { readonly kind: 'range'; readonly key: string; readonly range: NumberRange }
  | ServerFilter;

/** A filter as Qdrant evaluates it: every `must` holds, one `should` if there are any, and no `mustNot`. */
export interface ServerFilter {
  readonly kind: 'filter';
  readonly must?: readonly Condition[] | undefined;
  readonly should?: readonly Condition[] | undefined;
  readonly mustNot?: readonly Condition[] | undefined;
}

/** A condition, or what is known without asking. */
export type Compiled = Condition | boolean;

/** What order comparisons can be about. */
export type OrderOperator = 'gt' | 'gte' | 'lt' | 'lte';

/** Every one holds. */
export function all(parts: readonly Compiled[]): Compiled {
  if (parts.includes(false)) return false;
  const needed = parts.filter((part) => part !== true) as readonly Condition[];
  if (needed.length === 0) return true;
  return needed.length === 1 ? (needed[0] ?? true) : { kind: 'filter', must: needed };
}

/** One of them holds. */
export function any(parts: readonly Compiled[]): Compiled {
  if (parts.includes(true)) return true;
  const needed = parts.filter((part) => part !== false) as readonly Condition[];
  if (needed.length === 0) return false;
  return needed.length === 1 ? (needed[0] ?? false) : { kind: 'filter', should: needed };
}

/** It does not hold. */
export function none(part: Compiled): Compiled {
  return typeof part === 'boolean' ? !part : { kind: 'filter', mustNot: [part] };
}
