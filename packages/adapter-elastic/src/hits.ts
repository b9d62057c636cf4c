import type { VectorBatch, VectorId } from '@vecport/abstractions';
import { selectFields } from '@vecport/abstractions';
import { BatchBuilder, type BuilderSpec, corrupt, JsonReader, joinMetadata } from '@vecport/wire';
import { ROUTING } from './check-metadata.js';
import { type CutSource, cutSource } from './cut-source.js';
import type { IndexLayout } from './layout.js';
import { readVector } from './read-vector.js';
import type { VectorField } from './vector-fields.js';

/** How documents are read. */
export interface HitOptions {
  readonly layout: IndexLayout;
  /** Whether vectors are wanted. */
  readonly vectors: boolean;
  /** Keep only these fields of the metadata. */
  readonly fields?: ReadonlySet<string> | undefined;
  /** Rows expected. */
  readonly capacity: number;
  /** What the columns are built with, see {@link columnSpecs}; a new builder if not said. */
  readonly builder?: BatchBuilder | undefined;
}

/** Collects documents into columns. */
export interface HitReader {
  /** Read one hit, or one found document of a multi-get. @returns its identifier; none for one that was not found. */
  read(reader: JsonReader): Hit;
  build(): VectorBatch;
}

/** What a hit has beside its columns. */
export interface Hit {
  readonly id: VectorId;
  readonly found: boolean;
  /** Why it was not found, where that is an error. */
  readonly error: string | undefined;
  readonly score: number;
  /** The values it was sorted by. */
  readonly sort: readonly number[];
}

const EMPTY = Buffer.from('{}');
const NO_SORT: readonly number[] = [];

/** A reader of documents of one index. The bytes that are read must not be read again, see `cutSource`. */
export function hitReader(options: HitOptions): HitReader {
  const {
    layout,
    vectors,
    fields,
    capacity,
    builder = new BatchBuilder(columnSpecs(layout, vectors), capacity),
  } = options;
  const byField = new Map(layout.vectors.map((vector) => [vector.field, vector]));
  const cut = { tree: layout.tree, builder: vectors ? builder : undefined, reserved: layout.hasReserved };
  const finish = (source: CutSource | undefined, routing: string | undefined): void => {
    const { text } = joinMetadata(source?.native ?? EMPTY, source?.reserved);
    const whole = routing === undefined ? text : withRouting(text, routing);
    if (whole === undefined) return;
    builder.metadata(fields === undefined ? whole : selectFields(textOf(whole), fields));
  };
  return {
    read: (reader) => {
      const hit: OpenHit = { id: undefined, found: true, error: undefined, score: Number.NaN, sort: NO_SORT };
      let source: CutSource | undefined;
      reader.enterObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
        if (key === '_source') {
          if (hit.id === undefined) throw corrupt('has a document without an identifier before it');
          builder.row(hit.id);
          source = cutSource(reader, cut);
        } else if (key === 'fields') {
          if (source === undefined) throw corrupt('has fields of a document without the document');
          readFields(reader, byField, builder, vectors);
        } else readMember(reader, key, hit);
      }
      const { id, found } = hit;
      if (id === undefined) throw corrupt('has a document without an identifier');
      if (found && source === undefined) throw corrupt(`has the document '${id}' without its _source`);
      if (found) finish(source, hit.routing);
      return { ...hit, id };
    },
    build: () => builder.build(),
  };
}

/** The columns of documents. */
export function columnSpecs(layout: IndexLayout, vectors: boolean): Readonly<Record<string, BuilderSpec>> {
  if (!vectors) return {};
  return Object.fromEntries(layout.vectors.map(({ name, dimension }) => [name, { kind: 'dense', dimension }]));
}

interface OpenHit {
  id: VectorId | undefined;
  found: boolean;
  error: string | undefined;
  score: number;
  sort: readonly number[];
  routing?: string | undefined;
}

function readMember(reader: JsonReader, key: string, hit: OpenHit): void {
  switch (key) {
    case '_id':
      hit.id = reader.text();
      break;
    case 'found':
      hit.found = reader.boolean();
      break;
    case 'error':
      hit.error = textOf(reader.raw());
      hit.found = false;
      break;
    case '_score':
      if (!reader.isNull()) hit.score = reader.number();
      break;
    case '_routing':
      hit.routing = reader.text();
      break;
    case 'sort':
      hit.sort = numbers(reader);
      break;
    default:
      reader.skip();
  }
}

/** Vectors of the doc values: each a list with the vector in it, or the vector itself, by the server's version. */
function readFields(
  reader: JsonReader,
  byField: ReadonlyMap<string, VectorField>,
  builder: BatchBuilder,
  wanted: boolean,
): void {
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    const vector = byField.get(key);
    if (vector === undefined || !wanted) {
      reader.skip();
      continue;
    }
    const start = reader.position;
    reader.enterArray();
    const some = reader.nextElement();
    if (some && reader.peek() === 'number') {
      readVector(new JsonReader(reader.bytes, start), vector, () => builder.dense(vector.name));
      reader.skip();
    } else if (some) readVector(reader, vector, () => builder.dense(vector.name));
    while (reader.nextElement()) reader.skip();
  }
}

function numbers(reader: JsonReader): readonly number[] {
  const values: number[] = [];
  reader.enterArray();
  while (reader.nextElement()) values.push(reader.number());
  return values;
}

function withRouting(text: Uint8Array | undefined, routing: string): Uint8Array {
  const member = `"${ROUTING}":${JSON.stringify(routing)}`;
  const inner = text === undefined ? '' : textOf(text).trim().slice(1, -1).trim();
  return Buffer.from(inner === '' ? `{${member}}` : `{${inner},${member}}`);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
