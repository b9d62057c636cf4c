import { type JsonValue, parseJson, stringifyJson, VecportError } from '@vecport/abstractions';
import { readText, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { z } from 'zod';
import { type Checkpoint, fileCheckpoint, noCheckpoint } from './checkpoint.js';
import { sameJson } from './same-json.js';

/** The lock file that keeps two runs off one job. */
const LOCK_PATH = '.vecport.lock';
const PLAN_PATH = 'plan.json';
const READY_PATH = 'ready.json';
const STATE_FOLDER = 'state';

const readySchema = z.object({ ready: z.array(z.string()), begun: z.array(z.string()) });
type Targets = z.infer<typeof readySchema>;
const jsonValue = z.custom<JsonValue>((value) => value !== undefined);
const jobSchema = z.object({ terms: z.record(z.string(), jsonValue), plan: jsonValue });

/**
 * What is remembered of work that writes into a store, so that another run can go on with it: a plan that says what
 * the work is, the targets that were made ready, and how far each slice is.
 */
export interface JobState {
  /** The plan of the run that began the work; that of this run when it begins it. */
  readonly plan: JsonValue;
  /** Whether this run goes on with what an earlier one began. */
  readonly resumed: boolean;
  /** Whether an earlier run made this target ready to be written to. */
  isReady(target: string): boolean;
  /** Remember that these targets are ready. */
  markReady(targets: readonly string[]): Promise<void>;
  /** Whether an earlier run was about to make this target, and died before it was ready: it may be there or not. */
  isBegun(target: string): boolean;
  /** Remember that these targets, which are not there, are about to be made. */
  markBegun(targets: readonly string[]): Promise<void>;
  /** Forget what was written of a collection, so that all of it is written again. */
  forget(collection: number): Promise<void>;
  /** Go on by another plan from now on. */
  replacePlan(plan: JsonValue): Promise<void>;
  /** The checkpoint of a unit of a collection. */
  checkpoint<Receipt>(
    collection: number,
    unit: number,
    isReceipt: (value: unknown) => value is Receipt,
  ): Checkpoint<Receipt>;
  /** Forget everything: the work is done. */
  remove(): Promise<void>;
  /** Let others work on it. */
  release(): Promise<void>;
}

/** Which work it is. */
export interface JobRequest {
  /** A folder of the work's own. Without one nothing is remembered. */
  readonly storage?: Storage | undefined;
  /** Go on with an unfinished run of the same work; without one, begin. */
  readonly resume?: boolean | undefined;
  /** What must be the same when the work is resumed, with a name for each term. Kept beside the plan. */
  readonly terms: Readonly<Record<string, JsonValue>>;
  /** How the work is done: data that survives JSON. Asked only by the run that begins it. */
  plan(): Promise<JsonValue>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Begin work or go on with it.
 * @throws VecportError `already-exists` when the folder holds unfinished work and `resume` is not set,
 * `invalid-argument` when that is other work, `corrupt-data` when it is damaged, `conflict` when another run is at it.
 */
export async function openJob(request: JobRequest): Promise<JobState> {
  const { storage, signal } = request;
  if (storage === undefined) return forgetfulJob(await request.plan());
  const lock = await storage.lock(LOCK_PATH, { signal });
  try {
    await storage.sweep('', { signal });
    const found = await readText(storage, PLAN_PATH, { signal });
    if (found !== undefined && request.resume !== true) {
      throw new VecportError('already-exists', `${storage.url} holds unfinished work.`, {
        advice: 'Go on with it with --resume, or remove the folder.',
      });
    }
    const plan = found === undefined ? await request.plan() : knownPlan(request, found, storage);
    if (found === undefined) {
      // What a run left that was killed while it forgot its work.
      await deleteBelow(storage, `${STATE_FOLDER}/`);
      await storage.delete(READY_PATH);
      await savePlan(storage, request, plan);
    }
    const replacePlan = async (other: JsonValue): Promise<void> => savePlan(storage, request, other);
    return { ...(await rememberingJob(storage, plan, found !== undefined, async () => lock.release())), replacePlan };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function savePlan(storage: Storage, { terms }: JobRequest, plan: JsonValue): Promise<void> {
  await writeText(storage, PLAN_PATH, `${stringifyJson({ terms, plan })}\n`);
}

async function rememberingJob(
  storage: Storage,
  plan: JsonValue,
  resumed: boolean,
  release: () => Promise<void>,
): Promise<Omit<JobState, 'replacePlan'>> {
  const known = resumed ? await readTargets(storage) : { ready: [], begun: [] };
  const [ready, begun] = [new Set(known.ready), new Set(known.begun)];
  const saveTargets = async (): Promise<void> => {
    const targets: Targets = { ready: [...ready], begun: [...begun] };
    await writeText(storage, READY_PATH, `${stringifyJson(targets)}\n`);
  };
  return {
    plan,
    resumed,
    isReady: (target) => ready.has(target),
    markReady: async (targets) => {
      for (const target of targets) ready.add(target);
      await saveTargets();
    },
    isBegun: (target) => begun.has(target) && !ready.has(target),
    markBegun: async (targets) => {
      for (const target of targets) {
        begun.add(target);
        ready.delete(target);
      }
      await saveTargets();
    },
    checkpoint: (collection, unit, isReceipt) => jobCheckpoint(storage, collection, unit, isReceipt),
    forget: async (collection) => deleteBelow(storage, collectionFolder(collection)),
    remove: async () => {
      await deleteBelow(storage, `${STATE_FOLDER}/`);
      // As long as the plan is there, there is something to go on with, and the targets are known to be ours.
      for (const path of [PLAN_PATH, READY_PATH]) await storage.delete(path);
    },
    release,
  };
}

/** The checkpoint of a unit of a collection, in the folder of a job. */
export function jobCheckpoint<Receipt>(
  storage: Storage,
  collection: number,
  unit: number,
  isReceipt: (value: unknown) => value is Receipt,
): Checkpoint<Receipt> {
  return fileCheckpoint(storage, `${collectionFolder(collection)}${String(unit).padStart(5, '0')}`, isReceipt);
}

/**
 * The plan of the unfinished work in a folder.
 * @throws VecportError `not-found` when there is none (any more), `corrupt-data` when it is damaged.
 */
export async function readJobPlan(storage: Storage): Promise<JsonValue> {
  const text = await readText(storage, PLAN_PATH);
  if (text === undefined) throw new VecportError('not-found', `There is no unfinished work in ${storage.url}.`);
  const { data } = jobSchema.safeParse(parsed(text, storage));
  if (data === undefined) throw damaged(storage);
  return data.plan;
}

/** What the paths of the checkpoints of a collection begin with. */
function collectionFolder(collection: number): string {
  return `${STATE_FOLDER}/${String(collection).padStart(3, '0')}-`;
}

async function deleteBelow(storage: Storage, prefix: string): Promise<void> {
  const paths: string[] = [];
  for await (const { path } of storage.list(prefix)) paths.push(path);
  for (const path of paths) await storage.delete(path);
}

function forgetfulJob(plan: JsonValue): JobState {
  return {
    plan,
    resumed: false,
    isReady: () => false,
    markReady: async () => {},
    isBegun: () => false,
    markBegun: async () => {},
    forget: async () => {},
    replacePlan: async () => {},
    checkpoint: () => noCheckpoint(),
    remove: async () => {},
    release: async () => {},
  };
}

async function readTargets(storage: Storage): Promise<Targets> {
  const text = await readText(storage, READY_PATH);
  if (text === undefined) return { ready: [], begun: [] };
  const { data } = readySchema.safeParse(parsed(text, storage));
  if (data === undefined) throw damaged(storage);
  return data;
}

function parsed(text: string, storage: Storage): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    throw damaged(storage, cause);
  }
}

function damaged(storage: Storage, cause?: unknown): VecportError {
  return new VecportError('corrupt-data', `What ${storage.url} remembers of the unfinished work is damaged.`, {
    advice: 'Remove the folder and start again.',
    cause,
  });
}

function knownPlan({ terms }: JobRequest, text: string, storage: Storage): JsonValue {
  const { data } = jobSchema.safeParse(parsed(text, storage));
  if (data === undefined) throw damaged(storage);
  const names = [...new Set([...Object.keys(terms), ...Object.keys(data.terms)])];
  const other = names.find((name) => !sameJson(data.terms[name], terms[name]));
  if (other === undefined) return data.plan;
  throw new VecportError(
    'invalid-argument',
    `The unfinished work in ${storage.url} was started with another ${other}: ${shown(data.terms[other])}, not ${shown(terms[other])}.`,
    { advice: 'Resume with the same options, or start in another folder.' },
  );
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : stringifyJson(value);
}
