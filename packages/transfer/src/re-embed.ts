import { createHash } from 'node:crypto';
import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type JsonValue,
  metadataValue,
  VecportError,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { type EmbeddingService, type EmbedTexts, embeddingClient } from './embedding-client.js';
import type { Transform } from './transform.js';

/** How points get the vectors of another model. */
export interface ReEmbedding {
  readonly service: EmbeddingService;
  /** The metadata field with the text; with dots for one inside of others, where no field has the whole name. */
  readonly textField: string;
  /** The vector that is replaced; `default`, or the only one, if not said. */
  readonly vector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A text of which the service's dimension is learnt. */
const PROBE = 'dimension';

/**
 * A transform that replaces a vector of each point by the one a model makes of a text of its metadata. The service is
 * asked once, for the number of its dimensions; the description gets it and the model's name, and loses what the
 * provider said about the old vectors.
 *
 * A point without the text is an error that names it (`invalid-argument`), as is a vector of another length
 * (`dimension-mismatch`): no point is left out, and none keeps an old vector.
 */
export async function reEmbedding({ service, textField, vector, signal }: ReEmbedding): Promise<Transform> {
  const embed = embeddingClient(service);
  const [probe] = await embed([PROBE], signal);
  const dimension = probe?.length ?? 0;
  const terms = ['re-embed', service.url, service.model, textField, vector ?? null, dimension];
  return {
    name: `re-embedding by ${service.model}`,
    sha256: createHash('sha256').update(JSON.stringify(terms)).digest('hex'),
    describe: (description) => described(description, service.model, vector, dimension),
    batch: async (batch) => reEmbedBatch(batch, { embed, textField, vector, dimension, signal }),
  };
}

function described(
  description: CollectionDescription,
  model: string,
  vector: string | undefined,
  dimension: number,
): CollectionDescription {
  const name = replacedIn(Object.keys(description.vectors), vector);
  const { [name]: old, ...others } = description.vectors;
  const known = old?.kind === 'dense' ? { metric: old.metric } : { metric: 'cosine' as const };
  const spec = { kind: 'dense', dimension, elementType: 'float32', ...known } as const;
  return { ...description, vectors: { ...others, [name]: spec }, embeddingModel: model, native: undefined };
}

interface Embedding {
  readonly embed: EmbedTexts;
  readonly textField: string;
  readonly vector: string | undefined;
  readonly dimension: number;
  readonly signal: AbortSignal | undefined;
}

async function reEmbedBatch(batch: VectorBatch, embedding: Embedding): Promise<VectorBatch> {
  const { embed, textField, dimension } = embedding;
  const texts = batch.ids.map((id, row) => textAt(metadataValue(batch.metadata, row), textField, id));
  const vectors = await embed(texts, embedding.signal);
  const values = new Float32Array(batch.ids.length * dimension);
  vectors.forEach((vector, row) => {
    if (vector.length !== dimension) throw wrongDimension(batch.ids[row] ?? '', vector.length, dimension);
    values.set(vector, row * dimension);
  });
  const column: VectorColumn = { kind: 'dense', dimension, values };
  const name = replacedIn(Object.keys(batch.vectors), embedding.vector);
  return { ...batch, vectors: { ...batch.vectors, [name]: column } };
}

function replacedIn(names: readonly string[], asked: string | undefined): string {
  if (asked !== undefined) return asked;
  if (names.includes(DEFAULT_VECTOR) || names[0] === undefined) return DEFAULT_VECTOR;
  if (names.length === 1) return names[0];
  throw new VecportError('invalid-argument', `Which vector is to be replaced is not clear: ${names.join(', ')}.`, {
    advice: 'Name it.',
  });
}

function textAt(metadata: JsonValue | undefined, field: string, id: string): string {
  const text = fieldOf(metadata, field) ?? field.split('.').reduce<JsonValue | undefined>(fieldOf, metadata);
  if (typeof text === 'string' && text !== '') return text;
  const what = text === undefined ? 'has no' : 'has no text in the';
  throw new VecportError('invalid-argument', `The point '${id}' ${what} field '${field}' to be embedded.`, {
    advice: 'Leave such points out with a filter, or name another field.',
  });
}

function fieldOf(value: JsonValue | undefined, field: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, field) ? (value as Readonly<Record<string, JsonValue>>)[field] : undefined;
}

function wrongDimension(id: string, found: number, expected: number): VecportError {
  return new VecportError(
    'dimension-mismatch',
    `The service gave the point '${id}' ${found} dimensions, where it gave ${expected} before.`,
  );
}
