import { type BatchBuilder, ProtoReader } from '@vecport/wire';
import { providerError } from './errors.js';
import type { VectorLayout } from './layout.js';
import { inMetadata } from './proto-fields.js';

/** What is known of the vectors of a page. */
export interface VectorPlaces {
  readonly dimensions: ReadonlyMap<string, number>;
  readonly unnamed: string | undefined;
}

/** A named vector, of whatever kind; one the collection does not have is skipped. */
export function readNamed(reader: ProtoReader, builder: BatchBuilder, uuid: string, places: VectorPlaces): void {
  const vector = enterVector(reader);
  if (!builder.has(vector.name)) return;
  const inner = new ProtoReader(reader.bytes, vector.start, reader.position);
  inner.wireType = 2;
  if (vector.multi) readMulti(inner, builder, uuid, vector.name, places);
  else readDense(inner, builder, uuid, vector.name, places);
}

interface FoundVector {
  readonly name: string;
  readonly multi: boolean;
  /** Where the length of the bytes stands. */
  readonly start: number;
}

// Name, bytes and kind may come in any order.
function enterVector(reader: ProtoReader): FoundVector {
  const outer = reader.enter();
  let name = '';
  let multi = false;
  let start = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.text();
    else if (field === 4) multi = reader.varint() === 2;
    else {
      if (field === 3) start = reader.position;
      reader.skip();
    }
  }
  reader.leave(outer);
  return { name, multi, start };
}

/**
 * The bytes of one vector into its column; none for no vector.
 * @throws VecportError `provider-error` when the collection's have another dimension.
 */
export function readDense(
  reader: ProtoReader,
  builder: BatchBuilder,
  uuid: string,
  name: string,
  { dimensions }: VectorPlaces,
): void {
  const bytes = reader.packedLength();
  if (bytes === 0) {
    reader.skip();
    return;
  }
  const dimension = dimensions.get(name) ?? 0;
  if (bytes !== dimension * 4) throw otherDimension(uuid, name, bytes / 4, dimension);
  const { values, offset } = builder.dense(name);
  reader.floats(values, offset);
}

function readMulti(
  reader: ProtoReader,
  builder: BatchBuilder,
  uuid: string,
  name: string,
  { dimensions }: VectorPlaces,
): void {
  const bytes = reader.data();
  if (bytes.length === 0) return;
  const dimension = multiDimension(bytes);
  if (dimension !== dimensions.get(name)) throw otherDimension(uuid, name, dimension, dimensions.get(name) ?? 0);
  const { values, offset } = builder.multi(name, (bytes.length - 2) / (dimension * 4));
  new Uint8Array(values.buffer, values.byteOffset + offset * 4, bytes.length - 2).set(bytes.subarray(2));
}

/** Floats of each vector of a multi-vector: an unsigned number of two bytes before them. */
function multiDimension(bytes: Uint8Array): number {
  const dimension = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if (dimension === 0 || (bytes.length - 2) % (dimension * 4) !== 0) {
    throw providerError(`Weaviate sent a multi-vector of ${bytes.length} bytes with ${dimension} dimensions.`);
  }
  return dimension;
}

/** Learn from a page the dimensions nobody declared. */
export function learnDimensions(
  bytes: Uint8Array,
  vectors: readonly VectorLayout[],
  dimensions: Map<string, number>,
): void {
  if (vectors.every(({ name }) => dimensions.has(name))) return;
  const unnamed = vectors.find((vector) => vector.unnamed)?.name;
  const learn = (name: string, dimension: number): void => {
    if (dimension > 0 && !dimensions.has(name)) dimensions.set(name, dimension);
  };
  const reader = new ProtoReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    inMetadata(reader, (inner) => {
      if (inner === 19 && unnamed !== undefined) learn(unnamed, reader.data().length / 4);
      else if (inner === 23) {
        const { name, multi, start } = enterVector(reader);
        const vector = new ProtoReader(bytes, start, reader.position);
        vector.wireType = 2;
        const data = vector.data();
        learn(name, multi && data.length > 0 ? multiDimension(data) : data.length / 4);
      } else reader.skip();
    });
    reader.leave(outer);
  }
}

function otherDimension(uuid: string, name: string, found: number, expected: number): Error {
  return providerError(
    `The object ${uuid} has a vector '${name}' of ${found} dimensions; the collection has ${expected}.`,
    'Weaviate keeps objects whose vector its index refused: write the object again, or delete it.',
  );
}
