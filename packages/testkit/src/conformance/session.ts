import type { VectorTraits } from '@vecport/abstractions';
import type { OpenStore, VecportHost } from '@vecport/core';
import { type ConformanceCheck, checkTitle, type Need } from './check.js';
import { type ConformanceContext, createContext, DIMENSION } from './context.js';
import { assertAbsent, isPresent } from './needs.js';
import type { ConformanceOptions } from './options.js';
import { hostUnderTest, openStoreUnderTest } from './store-under-test.js';

/** What became of one check. */
export interface CheckOutcome {
  readonly suite: string;
  readonly name: string;
  /** `absent`: what it needs is not there, as declared, and the absence was asserted. */
  readonly status: 'passed' | 'failed' | 'absent';
  /** The declared reason of an absence. */
  readonly reason?: string | undefined;
  /** Why it failed. */
  readonly error?: unknown;
}

/** An open store under test. */
export interface ConformanceSession {
  /** Of an ordinary collection. */
  readonly traits: VectorTraits;
  /** Run one check. Never throws: a failure is an outcome. */
  run(check: ConformanceCheck): Promise<CheckOutcome>;
  /** Close the store and clean up. */
  close(): Promise<void>;
}

/** Open the store under test through core. The caller closes the session. */
export async function openSession(name: string, options: ConformanceOptions): Promise<ConformanceSession> {
  const host = await hostUnderTest(name, options);
  try {
    return await startSession(host, options);
  } catch (error) {
    await host.close().catch((closing: unknown) => {
      throw new AggregateError([error, closing], `The store under test neither opened nor closed: ${String(error)}`);
    });
    throw error;
  }
}

async function startSession(host: VecportHost, options: ConformanceOptions): Promise<ConformanceSession> {
  let store = await openStoreUnderTest(host);
  const reopen = async (): Promise<OpenStore> => {
    await store.close();
    store = await openStoreUnderTest(host);
    return store;
  };
  let made = 0;
  const uniqueName = (): string => {
    made += 1;
    return options.collectionName?.(made) ?? `Conformance_${process.pid}_${made}`;
  };
  const traits = await readTraits(store, uniqueName(), options);
  const context = (): ConformanceContext => createContext({ options, store: () => store, reopen, traits, uniqueName });
  const presence = new Map<Need, Promise<boolean>>();
  const present = async (need: Need): Promise<boolean> => {
    const known = presence.get(need) ?? within(context(), async (probe) => isPresent(probe, need));
    presence.set(need, known);
    return known;
  };
  return {
    traits,
    run: async (check) => {
      const { suite, name: checkName } = check;
      try {
        const reason = await runCheck(check, options, present, context);
        return reason === undefined
          ? { suite, name: checkName, status: 'passed' }
          : { suite, name: checkName, status: 'absent', reason };
      } catch (error) {
        return { suite, name: checkName, status: 'failed', error };
      }
    },
    close: async () => {
      try {
        await host.close();
      } finally {
        await options.cleanup?.();
      }
    },
  };
}

/** The declared reason why the check does not apply, or `undefined` when it ran and passed. */
async function runCheck(
  check: ConformanceCheck,
  { absent = {} }: ConformanceOptions,
  present: (need: Need) => Promise<boolean>,
  context: () => ConformanceContext,
): Promise<string | undefined> {
  for (const need of check.needs) {
    const reason = absent[need];
    if (await present(need)) {
      if (reason !== undefined) throw new Error(`'${need}' is declared absent, but it is there.`);
      continue;
    }
    if (reason === undefined)
      throw new Error(`'${need}' is absent and not declared: add absent: { '${need}': '<reason>' }.`);
    await within(context(), async (inner) => assertAbsent(inner, need));
    return reason;
  }
  const expected = absent[checkTitle(check)];
  if (expected === undefined) {
    await within(context(), check.run);
    return undefined;
  }
  if (await fails(async () => within(context(), check.run))) return expected;
  throw new Error('The check is declared absent, but it passes.');
}

async function within<T>(context: ConformanceContext, work: (context: ConformanceContext) => Promise<T>): Promise<T> {
  try {
    return await work(context);
  } finally {
    await context.cleanUp();
  }
}

async function fails(work: () => Promise<void>): Promise<boolean> {
  return work().then(
    () => false,
    () => true,
  );
}

async function readTraits(store: OpenStore, name: string, options: ConformanceOptions): Promise<VectorTraits> {
  await store.create({
    name,
    vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric: 'cosine' } },
    idKinds: options.idKinds ?? ['string'],
  });
  const { traits } = await store.repository(name);
  await store.drop(name);
  return traits;
}
