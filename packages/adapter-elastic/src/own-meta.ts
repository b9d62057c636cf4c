import type { FieldSpec, IdKind } from '@vecport/abstractions';

/** What Vecport notes in the `_meta` of a mapping it makes, under `vecport`. */
export interface OwnMeta {
  /** Of this note; readers refuse a later one. */
  readonly version: 1;
  /** The collection's name, where it cannot be the name of an index and is an alias. */
  readonly name?: string | undefined;
  readonly idKinds: readonly IdKind[];
  /** The field of each vector, by the vector's name. */
  readonly vectors: Readonly<Record<string, string>>;
  /** Metadata fields with a type, as they were declared. */
  readonly fields?: readonly FieldSpec[] | undefined;
  readonly embeddingModel?: string | undefined;
}

/** The note of a mapping; `undefined` for an index that Vecport did not make. */
export function readOwnMeta(mapping: {
  readonly _meta?: { readonly vecport?: unknown } | undefined;
}): OwnMeta | undefined {
  const note = mapping._meta?.vecport;
  if (typeof note !== 'object' || note === null || !('version' in note) || note.version !== 1) return undefined;
  return note as OwnMeta;
}
