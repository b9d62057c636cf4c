import {
  fieldValue,
  hasVector,
  type IdKind,
  idKindOf,
  type JsonValue,
  metadataBytes,
  parseJson,
  type VectorBatch,
  type VectorId,
  type WriteFailure,
} from '@vecport/abstractions';
import { splitMetadata } from '@vecport/wire';
import { comparableTexts } from './comparable.js';
import type { CollectionLayout, PropertyLayout } from './layout.js';
import { floatsOf, objectOf, type PlannedPoint, requestOf } from './object-message.js';
import { isMapped, uuidOf } from './point-id.js';
import { type PropertyValue, propertyValue } from './property-values.js';
import type { Target } from './requests.js';

/** One request of a write, and the points it has, in order. */
export interface BatchMessage {
  readonly ids: readonly VectorId[];
  readonly bytes: Uint8Array;
}

/** A batch as requests, and the points that cannot be written, with the reason. */
export interface PlannedWrite {
  readonly messages: readonly BatchMessage[];
  readonly failed: readonly WriteFailure[];
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The points of a batch as `BatchObjectsRequest` messages of at most `maxBytes` each (a single point may be larger).
 * What a property cannot hold exactly goes into the reserved property; where there is none, the point is refused.
 */
export function planWrite(
  batch: VectorBatch,
  layout: CollectionLayout,
  target: Target,
  maxBytes: number,
): PlannedWrite {
  const failed: WriteFailure[] = [];
  const messages: BatchMessage[] = [];
  const properties = new Map(layout.properties.map((property) => [property.name, property]));
  let objects: Uint8Array[] = [];
  let ids: VectorId[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (ids.length > 0) messages.push({ ids, bytes: requestOf(objects, target) });
    objects = [];
    ids = [];
    bytes = 0;
  };
  batch.ids.forEach((id, row) => {
    const point = planPoint(batch, row, layout, properties);
    if ('reason' in point) {
      failed.push({ id, code: point.code, reason: point.reason });
      return;
    }
    const object = objectOf(batch, row, layout, target, point);
    if (bytes + object.length > maxBytes) flush();
    objects.push(object);
    ids.push(id);
    bytes += object.length;
  });
  flush();
  return { messages, failed };
}

interface Refusal {
  readonly code: 'invalid-argument' | 'not-supported';
  readonly reason: string;
}

function planPoint(
  batch: VectorBatch,
  row: number,
  layout: CollectionLayout,
  properties: ReadonlyMap<string, PropertyLayout>,
): PlannedPoint | Refusal {
  const id = batch.ids[row] ?? '';
  const refusal = vectorRefusal(batch, row, layout);
  if (refusal !== undefined) return refusal;
  const native: (readonly [PropertyLayout, PropertyValue])[] = [];
  const metadata = metadataBytes(batch.metadata, row);
  const { reserved } = splitMetadata(metadata, {
    id: isMapped(id) ? id : undefined,
    keepsMissing: !layout.own,
    holds: (key, value) => {
      const property = properties.get(key);
      const held = property && propertyValue(property, value);
      if (property === undefined || held === undefined) return false;
      native.push([property, held]);
      return true;
    },
  });
  if (!layout.own) {
    const problem = foreignRefusal(id, layout.description.idKinds, metadata, reserved);
    if (problem !== undefined) return problem;
  }
  return { uuid: uuidOf(id), native, reserved, overflow: overflowOf(layout, metadata, native) };
}

function vectorRefusal(batch: VectorBatch, row: number, { vectors }: CollectionLayout): Refusal | undefined {
  for (const { name, vectorizer } of vectors) {
    const column = batch.vectors[name];
    if (column === undefined || !hasVector(column, row)) {
      if (vectorizer === undefined) continue;
      return notHeld(`The point has no vector '${name}', and Weaviate would make one with ${vectorizer}.`);
    }
    const floats = floatsOf(column, row);
    if (floats.length === 0) return notHeld(`The vector '${name}' is empty, which Weaviate takes for missing.`);
    const position = floats.findIndex((value) => !Number.isFinite(value));
    if (position < 0) continue;
    return { code: 'invalid-argument', reason: `The vector '${name}' is ${floats[position]} at position ${position}.` };
  }
  return undefined;
}

function notHeld(reason: string): Refusal {
  return { code: 'not-supported', reason };
}

function foreignRefusal(
  id: VectorId,
  kinds: readonly IdKind[],
  metadata: Uint8Array | undefined,
  reserved: string | undefined,
): Refusal | undefined {
  const advice = 'Vecport did not make the collection, so it has no place to keep it beside.';
  if (idKindOf(id, kinds) === undefined || isMapped(id)) return notHeld(`The id is no uuid. ${advice}`);
  if (reserved !== undefined) {
    const { fields, value } = parseJson(reserved) as { readonly fields?: object; readonly value?: JsonValue };
    const what = value === undefined ? `the fields ${Object.keys(fields ?? {}).join(', ')}` : 'metadata of no fields';
    return notHeld(`No property holds ${what} exactly. ${advice}`);
  }
  const isEmpty = metadata !== undefined && decoder.decode(metadata).replace(/\s/g, '') === '{}';
  return isEmpty ? notHeld(`Weaviate does not tell empty metadata from none. ${advice}`) : undefined;
}

function overflowOf(
  { fields }: CollectionLayout,
  metadata: Uint8Array | undefined,
  native: readonly (readonly [PropertyLayout, PropertyValue])[],
): PlannedPoint['overflow'] {
  const held = new Set(native.map(([{ name }]) => name));
  const rest = fields.filter(({ overflow, property }) => overflow !== undefined && !held.has(property ?? ''));
  if (rest.length === 0 || metadata === undefined) return [];
  const value = parseJson(decoder.decode(metadata));
  return rest.flatMap(({ name, overflow = '' }) => {
    const texts = comparableTexts(fieldValue(value, name));
    return texts.length === 0 ? [] : [[overflow, texts] as const];
  });
}
