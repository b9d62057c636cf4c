import type { Capability, FilterOperator, Metric } from '@vecport/abstractions';
import type { ConformanceContext } from './context.js';

/** What a check can need; without it the check does not apply, and its absence is asserted instead. */
export type Need =
  | Capability
  | 'sparse'
  | 'multi'
  | 'named-vectors'
  | 'missing-vectors'
  /** A field may hold another type than it is indexed as. */
  | 'mixed-types'
  /** An export does not see what is written while it runs. */
  | 'snapshot'
  /** Collections can be divided into tenants. */
  | 'tenants'
  /** What a filter matches can be counted. */
  | 'count-filter'
  /** A full read takes the filters a search takes. */
  | 'export-filter'
  /** `gt`, `gte`, `lt` and `lte` compare texts. */
  | 'text-order'
  | `metric:${Metric}`
  | `filter:${FilterOperator}`;

/** One check of the conformance suite, as data. */
export interface ConformanceCheck {
  readonly suite: string;
  readonly name: string;
  readonly needs: readonly Need[];
  /** Throws when the store does not conform. */
  run(context: ConformanceContext): Promise<void>;
}

/** A check as a suite lists it. */
export interface SuiteCheck {
  readonly name: string;
  readonly needs?: readonly Need[] | undefined;
  run(context: ConformanceContext): Promise<void>;
}

/** The checks of one suite. */
export function suite(name: string, checks: readonly SuiteCheck[]): readonly ConformanceCheck[] {
  return checks.map((check) => ({ suite: name, name: check.name, needs: check.needs ?? [], run: check.run }));
}

/** How a check is called in `absent`, in reports and in the broken stores' table. */
export function checkTitle(check: Pick<ConformanceCheck, 'suite' | 'name'>): string {
  return `${check.suite}: ${check.name}`;
}
