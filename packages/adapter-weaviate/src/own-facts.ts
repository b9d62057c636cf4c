import {
  type ElementType,
  type FieldSpec,
  type IdKind,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
  type VectorSpec,
} from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import type { ClassSchema } from './class-schema.js';

/** What a schema of Weaviate has no place for, kept in the description of the reserved property. */
export interface OwnFacts {
  readonly vectors: Readonly<Record<string, { readonly dimension?: number; readonly elementType: ElementType }>>;
  readonly idKinds: readonly IdKind[];
  readonly fields: readonly FieldSpec[];
  readonly embeddingModel?: string | undefined;
}

const VERSION = 1;

/** The facts as text for the description of the reserved property. */
export function printOwnFacts({ vectors, idKinds, fields, embeddingModel }: OwnFacts): string {
  return stringifyJson({
    vecport: VERSION,
    vectors: Object.entries(vectors).map(([name, { dimension, elementType }]) => ({ name, dimension, elementType })),
    idKinds,
    fields: fields.map(({ name, type }) => ({ name, type })),
    embeddingModel,
  });
}

/** What is kept of the vectors of a description. */
export function vectorFacts(vectors: Readonly<Record<string, VectorSpec>>): OwnFacts['vectors'] {
  return Object.fromEntries(
    Object.entries(vectors).map(([name, { dimension, elementType }]) => [
      name,
      { elementType, ...(dimension !== undefined && { dimension }) },
    ]),
  );
}

/** The facts of a class Vecport made; `undefined` for the classes of others. */
export function readOwnFacts({ properties }: ClassSchema): OwnFacts | undefined {
  const text = properties?.find(({ name }) => name === RESERVED_FIELD)?.description;
  if (text === undefined || !text.startsWith('{')) return undefined;
  const facts = asObject(tryParse(text));
  if (facts === undefined || facts['vecport'] !== VERSION) return undefined;
  const vectors = asList(facts['vectors']).map((entry) => {
    const { name, dimension, elementType } = entry as unknown as {
      readonly name: string;
      readonly dimension?: number;
      readonly elementType: ElementType;
    };
    return [name, { elementType, ...(dimension !== undefined && { dimension }) }] as const;
  });
  const embeddingModel = facts['embeddingModel'];
  return {
    vectors: Object.fromEntries(vectors),
    idKinds: asList(facts['idKinds']) as readonly IdKind[],
    fields: asList(facts['fields']) as unknown as readonly FieldSpec[],
    ...(typeof embeddingModel === 'string' && { embeddingModel }),
  };
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function asList(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
