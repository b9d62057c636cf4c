import assert from 'node:assert/strict';
import {
  type CollectionDescription,
  type IVectorSearchRepository,
  isVecportError,
  type Metric,
  type VectorId,
  type VectorRecord,
  type VectorTraits,
} from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import { numberedId, randomPoints } from '../helpers/random-points.js';
import { assertSame } from './assert-same.js';
import type { ConformanceOptions } from './options.js';

/** Floats in the vectors of the suite's ordinary collections. */
export const DIMENSION = 8;

/** A collection with points in it. */
export interface FilledCollection {
  readonly repository: IVectorSearchRepository;
  /** What was written. */
  readonly points: readonly VectorRecord[];
}

/** What the running session gives a context. */
export interface ContextInputs {
  readonly options: ConformanceOptions;
  readonly store: () => OpenStore;
  readonly reopen: () => Promise<OpenStore>;
  readonly traits: VectorTraits;
  readonly uniqueName: () => string;
}

/** What a check works with. Collections it makes are dropped when it is done. */
export interface ConformanceContext {
  readonly options: ConformanceOptions;
  readonly provider: string;
  readonly traits: VectorTraits;
  /** Points in the larger collections. */
  readonly points: number;
  /** The open store. */
  readonly store: () => OpenStore;
  /** Close the store and open it again with the same settings. */
  readonly reopen: () => Promise<OpenStore>;
  /** The description of a collection that does not exist yet. */
  description(change?: Partial<CollectionDescription>): CollectionDescription;
  /** Make a collection and open it. */
  create(change?: Partial<CollectionDescription>): Promise<IVectorSearchRepository>;
  /** Make a collection of `count` ordinary points. */
  filled(count?: number): Promise<FilledCollection>;
  /** Ordinary points, without writing them. */
  ordinaryPoints(count: number): readonly VectorRecord[];
  /** The `n`-th ordinary id. */
  id(n: number): VectorId;
  /** A metric under which the provider keeps vectors as they were written. */
  readonly metric: Metric;
  /** Drop what the check made. */
  cleanUp(): Promise<void>;
}

/** A context for one check. */
export function createContext({ options, store, reopen, traits, uniqueName }: ContextInputs): ConformanceContext {
  const made: string[] = [];
  const idKinds = options.idKinds ?? ['string'];
  const idKind = idKinds[0] ?? 'string';
  const metric = traits.metrics.find((name) => !traits.normalizes.includes(name)) ?? 'cosine';
  const description = (change: Partial<CollectionDescription> = {}): CollectionDescription => {
    const name = uniqueName();
    made.push(name);
    return {
      name,
      vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric } },
      idKinds,
      ...change,
    };
  };
  const create = async (change?: Partial<CollectionDescription>): Promise<IVectorSearchRepository> => {
    const wanted = description(change);
    await store().create(wanted);
    return store().repository(wanted.name);
  };
  const points = options.points ?? 200;
  const ordinaryPoints = (count: number): readonly VectorRecord[] =>
    randomPoints(options.seed ?? 1, count, DIMENSION, idKind);
  return {
    options,
    provider: store().provider,
    traits,
    points,
    store,
    reopen,
    description,
    create,
    ordinaryPoints,
    filled: async (count = points) => {
      const repository = await create();
      const records = ordinaryPoints(count);
      await writeAll(repository, records);
      return { repository, points: records };
    },
    id: (n) => numberedId(n, idKind),
    metric,
    cleanUp: async () => {
      for (const name of made) await dropIfThere(store(), name);
    },
  };
}

/** Write points of which every one must be accepted. */
export async function writeAll(repository: IVectorSearchRepository, points: readonly VectorRecord[]): Promise<void> {
  const report = await repository.upsertMany(points);
  assertSame(report.failed, [], 'the provider refused ordinary points');
  assert.equal(report.accepted, points.length, 'every point is accepted');
}

async function dropIfThere(store: OpenStore, name: string): Promise<void> {
  try {
    await store.drop(name);
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'not-found') throw error;
  }
}
