import {
  type FieldSpec,
  type IdKind,
  isVecportError,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '@vecport/abstractions';
import type { KeyValues } from './key-values.js';

/**
 * What Vecport notes about a collection it made: Milvus has no other place for it. It is JSON text in the
 * collection's description, or in the property `vecport` of servers that drop descriptions.
 */
export interface Marker {
  readonly idKinds: readonly IdKind[];
  readonly fields: readonly FieldSpec[];
  readonly embeddingModel: string | undefined;
  /** Points belong to tenants, which are partitions. */
  readonly multiTenant: boolean;
  /** The Milvus field of every vector, by the vector's name. */
  readonly vectors: Readonly<Record<string, string>>;
}

/** The property a marker is kept in where descriptions are dropped. */
export const MARKER_PROPERTY = 'vecport';

/** The text of a marker. */
export function markerText({ idKinds, fields, embeddingModel, multiTenant, vectors }: Marker): string {
  return stringifyJson({
    vecport: 1,
    idKinds,
    vectors,
    ...(fields.length > 0 ? { fields } : {}),
    ...(embeddingModel === undefined ? {} : { embeddingModel }),
    ...(multiTenant ? { multiTenant } : {}),
  });
}

/** The marker of a collection, or `undefined` for one that Vecport did not make. */
export function readMarker(description: string, properties: KeyValues): Marker | undefined {
  const text = Object.hasOwn(properties, MARKER_PROPERTY) ? properties[MARKER_PROPERTY] : description;
  const value = text === undefined ? undefined : jsonObject(text);
  if (value === undefined || value['vecport'] !== 1) return undefined;
  const vectors = value['vectors'];
  return {
    idKinds: (value['idKinds'] ?? []) as unknown as readonly IdKind[],
    fields: (value['fields'] ?? []) as unknown as readonly FieldSpec[],
    embeddingModel: typeof value['embeddingModel'] === 'string' ? value['embeddingModel'] : undefined,
    multiTenant: value['multiTenant'] === true,
    vectors: isObject(vectors) ? (vectors as Readonly<Record<string, string>>) : {},
  };
}

function jsonObject(text: string): Readonly<Record<string, JsonValue>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = parseJson(text);
    return isObject(value) ? (value as Readonly<Record<string, JsonValue>>) : undefined;
  } catch (error) {
    if (isVecportError(error)) return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
