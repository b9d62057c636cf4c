/** A value a field can be compared with. Numbers and `bigint` compare by value. */
export type FilterValue = string | number | bigint | boolean;

/**
 * The portable filter over metadata, plain data that survives JSON.
 *
 * `field` is a key of the metadata object; a dot goes one level down (`address.city`).
 * The logic has two values: a comparison with a field that is missing, `null` or of another type is
 * false, and `ne` is exactly `not eq` (so it holds for missing fields). Strings order by code point.
 * Comparisons other than `contains` are defined for scalar fields; what they do with a list is up to
 * the provider.
 *
 * A provider that cannot do a node refuses the whole filter before reading: it never matches
 * everything instead, and never filters silently on the client.
 */
export type Filter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly op: 'not'; readonly filter: Filter }
  | { readonly op: 'eq' | 'ne'; readonly field: string; readonly value: FilterValue }
  | { readonly op: 'gt' | 'gte' | 'lt' | 'lte'; readonly field: string; readonly value: string | number | bigint }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly FilterValue[] }
  /** The field is present and not `null`. */
  | { readonly op: 'exists'; readonly field: string }
  /** The field is a list that has this element. */
  | { readonly op: 'contains'; readonly field: string; readonly value: FilterValue };

/** The name of a filter node. */
export type FilterOperator = Filter['op'];

/** Every operator a filter can have. */
export const FILTER_OPERATORS = [
  'and',
  'or',
  'not',
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'exists',
  'contains',
] as const satisfies readonly FilterOperator[];

/** All of the filters hold. Of none: everything holds. */
export const and = (...filters: readonly Filter[]): Filter => ({ op: 'and', filters });
/** At least one of the filters holds. Of none: nothing holds. */
export const or = (...filters: readonly Filter[]): Filter => ({ op: 'or', filters });
/** The filter does not hold. */
export const not = (filter: Filter): Filter => ({ op: 'not', filter });
/** The field equals the value. */
export const eq = (field: string, value: FilterValue): Filter => ({ op: 'eq', field, value });
/** The field does not equal the value, or is missing. */
export const ne = (field: string, value: FilterValue): Filter => ({ op: 'ne', field, value });
/** The field is greater. */
export const gt = (field: string, value: string | number | bigint): Filter => ({ op: 'gt', field, value });
/** The field is greater or equal. */
export const gte = (field: string, value: string | number | bigint): Filter => ({ op: 'gte', field, value });
/** The field is less. */
export const lt = (field: string, value: string | number | bigint): Filter => ({ op: 'lt', field, value });
/** The field is less or equal. */
export const lte = (field: string, value: string | number | bigint): Filter => ({ op: 'lte', field, value });
/** The field equals one of the values. Named so because `in` is a reserved word. */
export const oneOf = (field: string, values: readonly FilterValue[]): Filter => ({ op: 'in', field, values });
/** The field is present and not `null`. */
export const exists = (field: string): Filter => ({ op: 'exists', field });
/** The field is a list that has this element. */
export const contains = (field: string, value: FilterValue): Filter => ({ op: 'contains', field, value });

/** The operators of a filter, those inside of it included, in the order they are met. */
export function operatorsOf(filter: Filter): readonly FilterOperator[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return [filter.op, ...filter.filters.flatMap((part) => operatorsOf(part))];
    case 'not':
      return [filter.op, ...operatorsOf(filter.filter)];
    default:
      return [filter.op];
  }
}
