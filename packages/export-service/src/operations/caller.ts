import type { AuditEntry } from '../auth/audit.js';
import { type Action, mayUse, type Principal } from '../auth/grants.js';
import { ProblemError } from '../problems/problem-error.js';

/** What a decision is about. */
export type Subject = Pick<AuditEntry, 'operation' | 'target' | 'store' | 'classes'>;

/** Somebody who asks for something, and the log of what was decided. */
export interface Caller {
  readonly principal: Principal;
  /** Remember that it is allowed. */
  allow(subject: Subject): void;
  /** Remember that it is denied. */
  deny(subject: Subject, reason: string): void;
}

/** What a request that is denied is answered. Says the same whether the thing is there or not. */
export function denied(detail = 'You are not allowed to do this.'): ProblemError {
  return new ProblemError('authorization-failed', `authorization failed: ${detail}`);
}

/** The names of which the caller lacks a right. */
export function lacking(
  { principal }: Pick<Caller, 'principal'>,
  action: Action,
  store: string,
  names: readonly string[],
): readonly string[] {
  return names.filter((name) => !mayUse(principal, action, store, name));
}

/** What is answered about something that is not there, or that the caller may not know of. */
export function notFound(what: string): ProblemError {
  return new ProblemError('not-found', `There is no ${what}.`);
}
