import { z } from 'zod';

/**
 * What somebody may do. `read`: export classes and see their exports. `manage`: that, and cancel, import and schedule
 * them. `admin`: everything. `metrics`: read `/metrics`, and nothing else.
 */
const ACTIONS = ['read', 'manage', 'admin', 'metrics'] as const;
/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

const pattern = z.string().min(1).max(256);

/** A right, over classes whose names fit one of the patterns, in stores whose names do. `*` stands for any text. */
export const grantSchema = z.strictObject({
  action: z.enum(ACTIONS),
  collections: z.array(pattern).readonly().optional().describe('All if not said.'),
  stores: z.array(pattern).readonly().optional().describe('All if not said.'),
});
/** See {@link grantSchema}. */
export type Grant = z.infer<typeof grantSchema>;

/** Somebody who sends requests. */
export interface Principal {
  /** As the audit log names it. */
  readonly name: string;
  readonly grants: readonly Grant[];
}

const IMPLIED: Readonly<Record<Action, readonly Action[]>> = {
  read: ['read', 'manage', 'admin'],
  manage: ['manage', 'admin'],
  admin: ['admin'],
  metrics: ['metrics', 'admin'],
};

/** Whether somebody may do something with a class of a store. */
export function mayUse({ grants }: Pick<Principal, 'grants'>, action: Action, store: string, name: string): boolean {
  return grants.some(
    (grant) => grantsAction(grant, action) && fitsAny(grant.stores, store) && fitsAny(grant.collections, name),
  );
}

/** Whether there may be a class of a store somebody may do something with. */
export function mayUseSome({ grants }: Pick<Principal, 'grants'>, action: Action, store: string): boolean {
  return grants.some((grant) => grantsAction(grant, action) && fitsAny(grant.stores, store));
}

/** Whether somebody may do something with everything there is. */
export function mayUseAll({ grants }: Pick<Principal, 'grants'>, action: Action): boolean {
  return grants.some((grant) => grantsAction(grant, action) && isAll(grant.stores) && isAll(grant.collections));
}

/** Whether a text fits a pattern, in which `*` stands for any text. Takes time proportional to their lengths' product at most. */
export function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...others] = parts;
  if (others.length === 0) return text === first;
  const last = others.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function grantsAction(grant: Grant, action: Action): boolean {
  return IMPLIED[action].includes(grant.action);
}

function fitsAny(patterns: readonly string[] | undefined, text: string): boolean {
  return patterns === undefined || patterns.some((pattern) => fits(pattern, text));
}

function isAll(patterns: readonly string[] | undefined): boolean {
  return patterns === undefined || patterns.includes('*');
}
