import type { FieldSpec } from '@vecport/abstractions';
import { asObject } from './layout.js';

/**
 * What Vecport keeps in a collection's own metadata (Qdrant 1.16 and later), below the key `vecport`: what
 * Qdrant has no place for.
 */
export interface OwnFacts {
  readonly embeddingModel?: string | undefined;
  /** Indexed fields that hold lists; an index does not tell them from scalars. */
  readonly listFields?: readonly string[] | undefined;
}

const KEY = 'vecport';

/** The facts in a collection's metadata; empty where there are none. */
export function readOwnFacts(metadata: unknown): OwnFacts {
  const { embeddingModel, listFields } = asObject(asObject(metadata)[KEY]);
  return {
    ...(typeof embeddingModel === 'string' ? { embeddingModel } : {}),
    ...(Array.isArray(listFields) ? { listFields: listFields.filter((name) => typeof name === 'string') } : {}),
  };
}

/** A collection's metadata with the facts in it; `undefined` where there is nothing to keep. */
export function withOwnFacts(metadata: unknown, facts: OwnFacts): Record<string, unknown> | undefined {
  const others = asObject(metadata);
  const { embeddingModel, listFields = [] } = facts;
  const own = {
    ...(embeddingModel === undefined ? {} : { embeddingModel }),
    ...(listFields.length === 0 ? {} : { listFields }),
  };
  if (Object.keys(own).length === 0) return Object.keys(others).length === 0 ? undefined : { ...others };
  return { ...others, [KEY]: own };
}

/** The names of the fields that hold lists. */
export function listFieldsOf(fields: readonly FieldSpec[]): readonly string[] {
  return fields.filter(({ type }) => type.endsWith('[]')).map(({ name }) => name);
}
