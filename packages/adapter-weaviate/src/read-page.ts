import type { VectorBatch } from '@vecport/abstractions';
import { BatchBuilder, joinMetadata, ProtoReader, RESERVED_FIELD } from '@vecport/wire';
import { providerError } from './errors.js';
import type { CollectionLayout } from './layout.js';
import { originalId } from './point-id.js';
import { eachMapEntry, inMetadata } from './proto-fields.js';
import { readTextValue, readValue } from './read-value.js';
import { learnDimensions, readDense, readNamed, type VectorPlaces } from './read-vectors.js';

/** What columns a page has. */
export interface PageShape {
  readonly layout: CollectionLayout;
  /** Floats of each vector, where it is known; a vector found without it says it for the rest. */
  readonly dimensions: Map<string, number>;
}

/** A page, and what Weaviate says beside the points. */
export interface Page {
  readonly batch: VectorBatch;
  /** Uuids the points are stored under, in the order of the rows. */
  readonly uuids: readonly string[];
  /** Distances to a query; NaN where not said. */
  readonly distances: Float32Array;
}

const encoder = new TextEncoder();

/** The number of results of a `SearchReply` and the uuid of the last one, without reading the rest. */
export function lastOfPage(bytes: Uint8Array): { readonly results: number; readonly lastUuid: string } {
  const reader = new ProtoReader(bytes);
  let results = 0;
  let lastAt = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) {
      results++;
      lastAt = reader.position;
    }
    reader.skip();
  }
  if (results === 0) return { results, lastUuid: '' };
  const last = new ProtoReader(bytes, lastAt);
  last.wireType = 2;
  return { results, lastUuid: uuidOfResult(last) };
}

/**
 * A `SearchReply` as columns: vectors are copied once, metadata are the properties as JSON text in the order of the
 * schema. @throws VecportError `corrupt-data` for what does not decode, `provider-error` for a vector of another
 * dimension than the collection's.
 */
export function readPage(bytes: Uint8Array, shape: PageShape): Page {
  const uuids: string[] = [];
  const distances: number[] = [];
  const reader = new ProtoReader(bytes);
  const { results } = lastOfPage(bytes);
  learnDimensions(bytes, shape.layout.vectors, shape.dimensions);
  const builder = new BatchBuilder(columnSpecs(shape), Math.max(1, results));
  const row = createRow(shape, builder);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const { uuid, distance } = row.read(reader);
    uuids.push(uuid);
    distances.push(distance);
  }
  return { batch: builder.build(), uuids, distances: Float32Array.from(distances) };
}

interface RowFacts {
  readonly uuid: string;
  readonly distance: number;
}

function createRow({ layout, dimensions }: PageShape, builder: BatchBuilder): { read(reader: ProtoReader): RowFacts } {
  const places = new Map(layout.properties.map(({ name }, at) => [name, at]));
  const keys = layout.properties.map(({ name }) => `${JSON.stringify(name)}:`);
  const texts: (string | undefined)[] = [];
  const unnamed = layout.vectors.find((vector) => vector.unnamed)?.name;

  const readProperties = (reader: ProtoReader): string | undefined => {
    texts.length = 0;
    let reserved: string | undefined;
    eachMapEntry(reader, (key) => {
      const place = places.get(key);
      if (place !== undefined) texts[place] = readValue(reader);
      else if (key === RESERVED_FIELD && layout.own) reserved = readTextValue(reader);
      else reader.skip();
    });
    return reserved;
  };
  const nativeText = (): string => {
    const parts: string[] = [];
    texts.forEach((text, at) => {
      if (text !== undefined) parts.push(`${keys[at]}${text}`);
    });
    return parts.length === 0 ? '' : `{${parts.join(',')}}`;
  };
  const addMetadata = (uuid: string, reserved: string | undefined): void => {
    const native = nativeText();
    if (reserved === undefined) {
      // In collections of others an object without properties has no metadata; ours say so.
      if (native !== '' || layout.own) builder.metadata(native === '' ? '{}' : native);
      return;
    }
    const { text, id } = joinMetadata(encoder.encode(native === '' ? '{}' : native), reserved);
    if (id !== undefined) builder.rename(originalId(id, uuid));
    if (text !== undefined) builder.metadata(text);
  };
  return {
    read: (reader) => {
      const outer = reader.enter();
      const start = reader.position;
      const facts = readMetadata(reader, builder, { dimensions, unnamed });
      reader.position = start;
      let reserved: string | undefined;
      for (let field = reader.next(); field !== 0; field = reader.next()) {
        if (field !== 1) {
          reader.skip();
          continue;
        }
        const properties = reader.enter();
        for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
          if (inner === 11) reserved = readProperties(reader);
          else reader.skip();
        }
        reader.leave(properties);
      }
      addMetadata(facts.uuid, reserved);
      texts.length = 0;
      reader.leave(outer);
      return facts;
    },
  };
}

// The metadata come after the properties on the wire; the row is begun with the uuid that stands in them.
function readMetadata(reader: ProtoReader, builder: BatchBuilder, places: VectorPlaces): RowFacts {
  let uuid = '';
  let distance = Number.NaN;
  let hasDistance = false;
  let created: number | undefined;
  let updated: number | undefined;
  inMetadata(reader, (field) => {
    if (field === 1) {
      uuid = reader.text();
      builder.row(uuid);
    } else if (field === 3) created = reader.varint();
    else if (field === 5) updated = reader.varint();
    // A distance of zero is left out; that there is one stands beside it.
    else if (field === 7) distance = reader.float();
    else if (field === 8) hasDistance = reader.bool();
    else if (field === 19 && places.unnamed !== undefined) readDense(reader, builder, uuid, places.unnamed, places);
    else if (field === 23) readNamed(reader, builder, uuid, places);
    else reader.skip();
  });
  if (uuid === '') throw providerError('Weaviate sent an object without its uuid.');
  if (created !== undefined || updated !== undefined) builder.times(created, updated);
  return { uuid, distance: hasDistance && Number.isNaN(distance) ? 0 : distance };
}

function columnSpecs({ layout, dimensions }: PageShape) {
  return Object.fromEntries(
    layout.vectors.map(({ name, spec }) => [name, { kind: spec.kind, dimension: dimensions.get(name) ?? 0 }]),
  );
}

function uuidOfResult(reader: ProtoReader): string {
  const outer = reader.enter();
  let uuid = '';
  inMetadata(reader, (field) => {
    if (field === 1) uuid = reader.text();
    else reader.skip();
  });
  reader.leave(outer);
  if (uuid === '') throw providerError('Weaviate sent an object without its uuid.');
  return uuid;
}
