import {
  type CollectionDescription,
  type IVectorSearchRepository,
  type Metric,
  metadataText,
  requireCapability,
  selectRows,
  type VectorBatch,
  type VectorTraits,
} from '@vecport/abstractions';
import { canonicalMetadata, floatBits, GOLDEN_DIMENSION, goldenRecords } from '@vecport/testkit';
import type { Loss } from '@vecport/transfer';
import type { Place } from './every-provider.js';

/** What a store holds of a point. */
export interface HeldPoint {
  readonly vector: Float32Array;
  readonly metadata: string | undefined;
}

/** The golden corpus in a store, as far as the store takes it. */
export interface HeldCorpus {
  readonly collection: string;
  readonly points: ReadonlyMap<string, HeldPoint>;
}

/** By which losses points did not arrive as they were: golden records by name, where a loss is of single points. */
export type ObservedLosses = Readonly<Record<string, readonly string[]>>;

const NAMES = new Map(goldenRecords().map(({ id, name }) => [id, name]));
const TOLERANCE = 1e-6;

/** Make a collection and write the golden corpus into it. Its hostile vectors are among it. */
export async function loadGolden({ store, collectionName }: Place, metric: Metric): Promise<HeldCorpus> {
  const collection = collectionName(`golden ${metric}`);
  await store.create(goldenDescription(collection, metric));
  const repository = await store.repository(collection);
  await repository.upsertMany(goldenRecords());
  return { collection, points: await heldPoints(repository) };
}

/** Every point of a collection, by id, as a full read gives it. */
export async function heldPoints(repository: IVectorSearchRepository): Promise<ReadonlyMap<string, HeldPoint>> {
  const points = new Map<string, HeldPoint>();
  for await (const batch of requireCapability(repository, 'exportAll').exportAll()) {
    batch.ids.forEach((id, row) => {
      if (points.has(id)) throw new Error(`The point '${id}' came twice.`);
      points.set(id, heldPoint(batch, row));
    });
  }
  return points;
}

/**
 * The golden records, by name, that a loss which is about single points foretells, of those that the source holds.
 * Losses of whole collections foretell none.
 */
export function foretoldRecords(
  { kind, subject }: Loss,
  { points }: HeldCorpus,
  traits: VectorTraits,
): readonly string[] {
  const condition = kind === 'refused' ? CONDITIONS[subject] : undefined;
  if (condition === undefined) return [];
  return [...points].filter(([id, point]) => condition(id, point, traits)).map(([id]) => nameOf(id));
}

type Condition = (id: string, point: HeldPoint, traits: VectorTraits) => boolean;

const CONDITIONS: Readonly<Record<string, Condition>> = {
  'zero vectors': (_id, { vector }) => vector.every((value) => value === 0),
  'long vectors': (_id, { vector }) => !Number.isFinite(Math.fround(squaredLength(vector))),
  'large metadata': (_id, { metadata = '' }, { maxMetadataBytes = Number.POSITIVE_INFINITY }) =>
    Buffer.byteLength(metadata) > maxMetadataBytes,
  'long ids': (id, _point, { maxIdBytes }) => Buffer.byteLength(id) > maxIdBytes,
};

/** Names of golden records. */
export function namesOf(ids: Iterable<string>): readonly string[] {
  return Array.from(ids, nameOf);
}

/**
 * What of `after` is not as it was in `before`, one line each; points that are missing in `after` are not looked at.
 * `directions`: of vectors only the direction is compared, within 1e-6.
 */
export function changes(
  before: ReadonlyMap<string, HeldPoint>,
  after: ReadonlyMap<string, HeldPoint>,
  directions: boolean,
): readonly string[] {
  return [...after].flatMap(([id, point]) => {
    const original = before.get(id);
    if (original === undefined) return [`${nameOf(id)}: it was not there`];
    const same = directions ? isUnitOf(original.vector, point.vector) : isSame(original.vector, point.vector);
    return [
      ...(same ? [] : [`${nameOf(id)}: the vector is ${point.vector.join(' ')}`]),
      ...(canonicalMetadata(point.metadata) === canonicalMetadata(original.metadata)
        ? []
        : [`${nameOf(id)}: the metadata is ${point.metadata?.slice(0, 200)}`]),
    ];
  });
}

function goldenDescription(name: string, metric: Metric): CollectionDescription {
  return {
    name,
    vectors: { default: { kind: 'dense', dimension: GOLDEN_DIMENSION, elementType: 'float32', metric } },
    idKinds: ['u64', 'i64', 'uuid', 'string'],
    // Values of other types are among the corpus: they must be kept as well.
    fields: [
      { name: 'n', type: 'number' },
      { name: 's', type: 'string' },
      { name: 'b', type: 'boolean' },
    ],
    embeddingModel: 'golden-1',
  };
}

function heldPoint(batch: VectorBatch, row: number): HeldPoint {
  const column = selectRows(batch, [row]).vectors['default'];
  if (column?.kind !== 'dense') throw new Error(`The point '${batch.ids[row]}' has no dense vector.`);
  return { vector: column.values.slice(0, column.dimension), metadata: metadataText(batch.metadata, row) };
}

function nameOf(id: string): string {
  return NAMES.get(id) ?? `a point that is not golden: '${id}'`;
}

function isSame(left: Float32Array, right: Float32Array): boolean {
  return floatBits(left) === floatBits(right);
}

/** Whether a vector is the other one divided by its length. A vector of zeros stays one. */
function isUnitOf(vector: Float32Array, unit: Float32Array): boolean {
  const length = Math.sqrt(squaredLength(vector)) || 1;
  return vector.every((value, i) => Math.abs(value / length - (unit[i] ?? Number.NaN)) <= TOLERANCE);
}

function squaredLength(vector: Float32Array): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}
