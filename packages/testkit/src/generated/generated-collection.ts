import {
  type CallOptions,
  type CollectionDescription,
  type CollectionDriver,
  type ExportBatch,
  type ExportOptions,
  type Filter,
  metadataFromTexts,
  metadataText,
  type SlicePlan,
  selectFields,
  VecportError,
  type VectorBatch,
  type VectorTraits,
} from '@vecport/abstractions';
import { type GeneratedShape, generatedBatch } from './generated-points.js';

const DEFAULT_BATCH_SIZE = 1000;

/** What a generated collection says about itself. */
/** What the generated collection says about itself. */
export const GENERATED_TRAITS: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'snapshot',
  order: 'id',
  idKinds: ['u64'],
  maxIdBytes: 20,
  maxDimension: 65_536,
  vectorKinds: ['dense'],
  elementTypes: ['float32'],
  metrics: ['cosine'],
  normalizes: [],
  filterOperators: [],
  defaultBatchSize: DEFAULT_BATCH_SIZE,
  maxBatchSize: 100_000,
  maxWritePoints: 1000,
  maxWriteBytes: 64 * 1024 * 1024,
  maxTopK: 1,
});

/** A read-only collection whose points are computed when they are read. The order is that of the numbers. */
export function generatedCollection(shape: GeneratedShape, name: string): CollectionDriver {
  const description: CollectionDescription = {
    name,
    vectors: { default: { kind: 'dense', dimension: shape.dimension, elementType: 'float32', metric: 'cosine' } },
    idKinds: ['u64'],
  };
  return {
    traits: GENERATED_TRAITS,
    describe: async ({ signal }) => {
      signal?.throwIfAborted();
      return description;
    },
    count: async (filter, { signal }) => {
      signal?.throwIfAborted();
      refuseFilter(filter);
      return shape.points;
    },
    get: async (ids, { signal }) => {
      signal?.throwIfAborted();
      return generatedBatch(shape, [...new Set(ids)].filter((id) => isPoint(shape, id)).map(Number));
    },
    upsertMany: readOnly,
    deleteMany: readOnly,
    search: async () => {
      throw new VecportError('not-supported', 'A generated collection cannot be searched.');
    },
    exportAll: (options) => generate(shape, options),
    slices: async (count, options) => planSlices(shape, count, options),
  };
}

async function* generate(shape: GeneratedShape, options: ExportOptions): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal, batchSize = DEFAULT_BATCH_SIZE, fields } = options;
  signal?.throwIfAborted();
  refuseFilter(options.filter);
  const [from, to] = options.slice === undefined ? [0, shape.points] : readToken(options.slice.token, 2);
  const start = options.after === undefined ? (from ?? 0) : (readToken(options.after, 1)[0] ?? 0) + 1;
  const end = to ?? 0;
  for (let first = start; first < end; first += batchSize) {
    signal?.throwIfAborted();
    const rows = Array.from({ length: Math.min(batchSize, end - first) }, (_, i) => first + i);
    const batch = keepFields(generatedBatch(shape, rows), fields);
    const last = first + rows.length - 1;
    yield { ...batch, cursor: String(last), progress: { exported: last - start + 1, total: end - start } };
  }
}

function planSlices(
  { points }: GeneratedShape,
  count: number,
  { signal, filter }: CallOptions & { readonly filter?: Filter | undefined },
): SlicePlan {
  signal?.throwIfAborted();
  refuseFilter(filter);
  const size = Math.max(1, Math.ceil(points / count));
  return {
    slices: Array.from({ length: Math.ceil(points / size) }, (_, i) => {
      const end = Math.min(points, (i + 1) * size);
      return { token: `${i * size}-${end}`, points: end - i * size };
    }),
    consistency: 'snapshot',
    snapshot: 'generated',
  };
}

function keepFields(batch: VectorBatch, fields: readonly string[] | undefined): VectorBatch {
  if (fields === undefined) return batch;
  const kept = new Set(fields);
  return {
    ...batch,
    metadata: metadataFromTexts(
      batch.ids.map((_, row) => selectFields(metadataText(batch.metadata, row) ?? '{}', kept)),
    ),
  };
}

function readToken(token: string, length: number): readonly number[] {
  const numbers = token.split('-').map(Number);
  if (numbers.length === length && numbers.every(Number.isSafeInteger)) return numbers;
  throw new VecportError('invalid-argument', `'${token}' was not made by a generated collection.`);
}

function isPoint({ points }: GeneratedShape, id: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(id) && Number(id) < points;
}

function refuseFilter(filter: Filter | undefined): void {
  if (filter !== undefined) throw new VecportError('not-supported', 'A generated collection cannot be filtered.');
}

async function readOnly(): Promise<never> {
  throw new VecportError('not-supported', 'A generated collection cannot be written to.');
}
