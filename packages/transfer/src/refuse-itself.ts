import { randomBytes } from 'node:crypto';
import { type CollectionDescription, isVecportError, VecportError } from '@vecport/abstractions';
import type { JobState } from './job-state.js';
import type { MigrateRequest, MigrationSource } from './migrate-request.js';
import type { MigrationPlan } from './migration-plan.js';
import type { TargetStore } from './target-store.js';
import { describedBy } from './transformed-dataset.js';

/** Of a collection's name, what the name of the trial collection begins with: long names have no room behind them. */
const KEPT_OF_NAME = 32;

/**
 * Refuse to replace a collection by itself: it would be dropped before it is read. One store has many addresses, so
 * an empty collection is made in the target for a moment, and looked for in the source.
 * @throws VecportError `invalid-argument` before anything was changed.
 */
export async function refuseItself(request: MigrateRequest, plan: MigrationPlan, job: JobState): Promise<void> {
  try {
    await refuse(request, plan, job);
  } catch (error) {
    // Nothing was written, so there is nothing to go on with.
    if (!job.resumed) await job.remove();
    throw error;
  }
}

async function refuse(request: MigrateRequest, { collections }: MigrationPlan, job: JobState): Promise<void> {
  const { source, target, as, mode, transform, signal } = request;
  if (mode !== 'replace' || source.provider !== target.provider) return;
  const there = new Set((await target.collections({ signal })).map(({ name }) => name));
  const both = collections.find(({ name }) => (as ?? name) === name && there.has(name) && !job.isReady(name));
  if (both === undefined) return;
  const description = describedBy(both.description, transform);
  if (!(await isOneStore(source, target, description, signal))) return;
  throw new VecportError(
    'invalid-argument',
    `Source and target are the same store: '${both.name}' would be dropped before it is read. Nothing was changed.`,
    {
      provider: target.provider,
      collection: both.name,
      operation: 'migrate',
      advice: 'Give the target another name, or move to another store.',
    },
  );
}

async function isOneStore(
  source: MigrationSource,
  target: TargetStore,
  description: CollectionDescription,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const name = `${description.name.slice(0, KEPT_OF_NAME)}_${randomBytes(4).toString('hex')}`;
  await target.create({ ...description, name, native: undefined, notDescribed: undefined }, { signal });
  try {
    const found = await source.repository(name, { signal });
    await found.describe({ signal });
    return true;
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-found') return false;
    throw error;
  } finally {
    await target.drop(name);
  }
}
