import { type CollectionDescription, VecportError } from '@vecport/abstractions';
import { retrying } from './backoff.js';
import { whyNotInto } from './compare-descriptions.js';
import type { JobState } from './job-state.js';
import type { TargetEvent, TargetMode, TargetStore, WantedTarget } from './target-store.js';
import { whyNotHeld } from './why-not-held.js';

/** What is to be prepared. */
export interface PrepareRequest {
  readonly target: TargetStore;
  readonly mode: TargetMode;
  readonly wanted: readonly WantedTarget[];
  /** Provider the descriptions come from: its own settings mean nothing to another one. */
  readonly sourceProvider: string;
  /** Knows the targets an earlier run made ready. */
  readonly job: JobState;
  readonly signal?: AbortSignal | undefined;
  readonly onTarget?: ((event: TargetEvent) => void) | undefined;
}

/**
 * Check every target, then drop and make what the mode asks for, so that each is there before the first point is
 * written. When one cannot be made, those that this call made are taken away again. Targets that an earlier run of the
 * same work made ready are kept with what is in them; one that is gone since is made again, and what was written to it
 * is forgotten. One that an earlier run died over while it made it is made anew, as long as it is empty.
 */
export async function prepareTargets(request: PrepareRequest): Promise<void> {
  try {
    await prepare(request);
  } catch (error) {
    // Nothing was written, so there is nothing to go on with.
    if (!request.job.resumed) await request.job.remove();
    throw error;
  }
}

async function prepare(request: PrepareRequest): Promise<void> {
  const { target, mode, wanted, job, signal } = request;
  const existing = new Set((await target.collections({ signal })).map(({ name }) => name));
  const fresh: WantedTarget[] = [];
  for (const [at, one] of wanted.entries()) {
    const ready = job.isReady(one.name);
    if (ready && existing.has(one.name)) {
      await checkFits(request, one);
      continue;
    }
    await checkTarget(request, one, existing);
    if (ready) await job.forget(at);
    fresh.push(one);
  }
  if (mode === 'append') return job.markReady(fresh.map(({ name }) => name));
  await job.markBegun(fresh.map(({ name }) => name));
  await makeTargets(request, fresh, existing);
}

async function makeTargets(
  request: PrepareRequest,
  wanted: readonly WantedTarget[],
  existing: ReadonlySet<string>,
): Promise<void> {
  const { target, mode, job, signal } = request;
  const made: string[] = [];
  try {
    for (const one of wanted) {
      if (existing.has(one.name)) {
        await target.drop(one.name, { signal });
        if (mode === 'replace') request.onTarget?.({ change: 'dropped', collection: one.name });
      }
      await makeTarget(request, one);
      made.push(one.name);
    }
  } catch (error) {
    // They are empty. What failed first is the error to report.
    for (const name of made) await target.drop(name).catch(() => undefined);
    throw error;
  }
  await job.markReady(made);
  for (const name of made) request.onTarget?.({ change: 'created', collection: name });
}

/** A request whose answer was lost may have been carried out: then what it made is taken away before it is sent again. */
async function makeTarget(request: PrepareRequest, wanted: WantedTarget): Promise<void> {
  const { target, signal } = request;
  let sent = false;
  await retrying(
    async () => {
      const there = sent ? await target.collections({ signal }) : [];
      if (there.some(({ name }) => name === wanted.name)) await target.drop(wanted.name, { signal });
      sent = true;
      await target.create(descriptionFor(request, wanted), { signal });
    },
    {},
    signal,
  );
}

async function checkTarget(
  request: PrepareRequest,
  wanted: WantedTarget,
  existing: ReadonlySet<string>,
): Promise<void> {
  const { target, mode } = request;
  const { name } = wanted;
  const place = { provider: target.provider, collection: name, operation: 'import' };
  if (mode === 'create' && existing.has(name) && !(await isHalfMade(request, wanted))) {
    throw new VecportError('already-exists', `The collection '${name}' exists already; nothing was changed.`, {
      ...place,
      advice: 'Choose another name, or add to it with --mode append, or replace it with --mode replace --force.',
    });
  }
  if (mode !== 'append') return checkHeld(request, wanted);
  if (!existing.has(name)) {
    throw new VecportError('not-found', `There is no collection '${name}' to append to.`, {
      ...place,
      advice: 'Omit --mode append to create it.',
    });
  }
  await checkFits(request, wanted);
}

/** Whether a target is what an earlier run left of it that died while it was making it. */
async function isHalfMade({ target, job, signal }: PrepareRequest, { name, divided }: WantedTarget): Promise<boolean> {
  if (!job.isBegun(name)) return false;
  if (divided) return (await target.tenants(name, { signal })).length === 0;
  return (await (await target.repository(name, { signal })).count(undefined, { signal })) === 0;
}

async function checkFits({ target, signal }: PrepareRequest, { name, description }: WantedTarget): Promise<void> {
  // Described without a tenant: it is the same for all of them, and there may be none yet.
  const problems = whyNotInto(description, await (await target.repository(name, { signal })).describe({ signal }));
  if (problems.length === 0) return;
  throw new VecportError(
    'dimension-mismatch',
    `The dataset does not fit the collection '${name}'; nothing was written. ${problems.join(' ')}`,
    { provider: target.provider, collection: name, operation: 'import' },
  );
}

/** What a collection is made from. */
function descriptionFor(
  { sourceProvider, target }: PrepareRequest,
  { name, description, divided }: WantedTarget,
): CollectionDescription {
  return {
    ...description,
    name,
    native: sourceProvider === target.provider ? description.native : undefined,
    multiTenant: divided || undefined,
    notDescribed: undefined,
  };
}

/** What the store says about new collections holds for the one that is to be made, before one is dropped for it. */
function checkHeld({ target }: PrepareRequest, { name, description, divided }: WantedTarget): void {
  const problems = whyNotHeld(description, divided, target);
  if (problems.length === 0) return;
  throw new VecportError(
    'not-supported',
    `The store cannot hold the dataset; nothing was changed. ${problems.join(' ')}`,
    { provider: target.provider, collection: name, operation: 'import' },
  );
}
