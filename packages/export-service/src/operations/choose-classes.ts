import { hasCapability } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import { mayUse, mayUseSome } from '../auth/grants.js';
import type { ExportChoice } from '../contract/export-schemas.js';
import { ProblemError } from '../problems/problem-error.js';
import { type Caller, denied, lacking, type Subject } from './caller.js';
import type { ServiceParts } from './service-parts.js';

/** The store a request means. @throws ProblemError `invalid-request` when it names none and there is no default one. */
export function storeOf({ stores }: Pick<ServiceParts, 'stores'>, named: string | undefined, field: string): string {
  const name = named ?? stores.defaultName;
  if (name !== undefined) return name;
  throw new ProblemError('invalid-request', `Name the store in ${field}: there is no default one.`);
}

/** @throws ProblemError `invalid-request` when both lists name something. */
export function checkLists({ include = [], exclude = [] }: Pick<ExportChoice, 'include' | 'exclude'>): void {
  if (include.length > 0 && exclude.length > 0) {
    throw new ProblemError('invalid-request', 'include and exclude exclude each other; leave one of them empty.');
  }
}

/**
 * Refuse names the caller may not read, before anybody looks whether they are there.
 * @throws ProblemError `authorization-failed`
 */
export function authorizeExport(caller: Caller, store: string, choice: ExportChoice, subject: Subject): void {
  const { include = [], exclude = [] } = choice;
  const named = [...include, ...exclude];
  const missing = lacking(caller, 'read', store, named);
  if (missing.length === 0 && mayUseSome(caller.principal, 'read', store)) return;
  caller.deny({ ...subject, store, classes: named }, 'READ is missing');
  throw denied(missing.length === 0 ? 'READ is missing.' : `READ is missing on: ${missing.join(', ')}.`);
}

/**
 * The classes an export is about: those it includes, or all the caller may read but those it excludes.
 * @throws ProblemError `class-does-not-exist`, `authorization-failed` when nothing is left.
 */
export async function chooseClasses(
  { pool, stores }: Pick<ServiceParts, 'pool' | 'stores'>,
  caller: Caller,
  storeName: string,
  choice: ExportChoice,
): Promise<readonly string[]> {
  const { include = [], exclude = [] } = choice;
  const store = await pool.shared(storeName);
  const all = (await store.collections()).map(({ name }) => name);
  const unknown = [...include, ...exclude].filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new ProblemError('class-does-not-exist', `class does not exist: ${unknown.join(', ')}.`);
  }
  const readable = all.filter((name) => mayUse(caller.principal, 'read', storeName, name));
  const chosen = include.length > 0 ? [...new Set(include)] : readable.filter((name) => !exclude.includes(name));
  if (chosen.length === 0) throw denied('There is no class that you may export.');
  await checkExport(store, chosen[0] ?? '', stores);
  return chosen;
}

/** Whether the provider can export is asked of the first class: for others the job fails. */
async function checkExport(store: OpenStore, name: string, stores: ServiceParts['stores']): Promise<void> {
  if ((await store.tenants(name)).length > 0) return;
  const repository = await store.repository(name);
  if (hasCapability(repository, 'exportAll')) return;
  const { reason, alternatives } = repository.advise('exportAll');
  const installed = (await stores.adapters?.()) ?? [];
  // What an adapter can do is known of collections that were opened, and of nothing else.
  const others = installed.filter((adapter) => adapter !== store.provider && !alternatives.includes(adapter));
  const can = alternatives.length === 0 ? '' : ` Adapters that can: ${alternatives.join(', ')}.`;
  const may =
    others.length === 0 ? '' : ` Installed too, and asked when a store is configured for them: ${others.join(', ')}.`;
  throw new ProblemError('not-supported', `${store.provider} cannot export '${name}': ${reason}${can}${may}`, {
    alternatives,
  });
}
