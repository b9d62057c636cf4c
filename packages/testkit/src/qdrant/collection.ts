import { type CollectionConfig, createConfig } from './collection-config.js';
import type { JsonObject } from './json-value.js';
import { indexedIn, type PayloadIndex } from './payload-index.js';
import { comparePointIds, type PointId } from './point-id.js';
import { notFound, wrongInput } from './server-error.js';
import type { PointStruct, StoredPoint } from './stored-point.js';
import { checkDimension, storedVector, type VectorSpec, type Vectors } from './vectors.js';

const NO_FIELDS: ReadonlySet<string> = new Set();

/** A collection of the fake: its points in the order of their ids, its indexes and the count of its operations. */
export class Collection {
  readonly config: CollectionConfig;
  readonly indexes = new Map<string, PayloadIndex>();
  readonly #points = new Map<PointId, StoredPoint>();
  #ids: PointId[] = [];
  #sorted = true;
  #operation = 0;
  #textFields = NO_FIELDS;

  constructor(request: JsonObject) {
    this.config = createConfig(request);
  }

  get size(): number {
    return this.#points.size;
  }

  point(id: PointId): StoredPoint | undefined {
    const point = this.#points.get(id);
    if (point === undefined) return undefined;
    return this.#textFields.size === 0 ? point : { ...point, textFields: this.#textFields };
  }

  /** Points in the order they are scrolled in, from the first whose id is not less than `from` on. */
  *points(from?: PointId): Generator<StoredPoint> {
    const ids = this.#sortedIds();
    for (let at = from === undefined ? 0 : lowerBound(ids, from); at < ids.length; at++) {
      const id = ids[at];
      const point = id === undefined ? undefined : this.point(id);
      if (point !== undefined) yield point;
    }
  }

  /** The spec of a vector. @throws Refusal for a name the collection does not have. */
  spec(name: string): VectorSpec {
    const spec = this.config.specs.get(name);
    if (spec === undefined) throw wrongInput(`Not existing vector name error: ${name}`);
    return spec;
  }

  /**
   * Write points, replacing those with the same id. Wrong dimensions are found before anything is written;
   * a vector of the wrong kind ends the operation at its point, and the points before it stay written.
   * @returns the number of the operation.
   */
  upsert(points: readonly PointStruct[]): number {
    if (points.length === 0) throw wrongInput('Empty update request');
    for (const point of points) this.#checkDimensions(point.vectors);
    const version = this.nextOperation();
    for (const point of points) {
      this.#put({ ...point, vectors: this.#stored(point.vectors), version, textFields: NO_FIELDS });
    }
    return version;
  }

  /** Delete points; ids that are not there are no error. */
  delete(ids: Iterable<PointId>): number {
    const gone = new Set<PointId>();
    for (const id of ids) if (this.#points.delete(id)) gone.add(id);
    if (gone.size > 0) this.#ids = this.#ids.filter((id) => !gone.has(id));
    return this.nextOperation();
  }

  /** Change the payload of points. @throws Refusal when one of them is not there. */
  changePayload(ids: Iterable<PointId>, change: (payload: JsonObject) => JsonObject): number {
    return this.#change(ids, (point) => ({ ...point, payload: change(point.payload) }));
  }

  /** Replace the named vectors of points, keeping their others. */
  updateVectors(updates: readonly Pick<PointStruct, 'id' | 'vectors'>[]): number {
    const byId = new Map(updates.map((update) => [update.id, this.#stored(update.vectors)]));
    return this.#change(byId.keys(), (point) => ({
      ...point,
      vectors: new Map([...point.vectors, ...(byId.get(point.id) ?? [])]),
    }));
  }

  /** Take vectors away from points. */
  deleteVectors(ids: Iterable<PointId>, names: readonly string[]): number {
    for (const name of names) this.spec(name);
    return this.#change(ids, (point) => ({
      ...point,
      vectors: new Map(Array.from(point.vectors).filter(([name]) => !names.includes(name))),
    }));
  }

  /** Make a payload index. A real server counts two operations for it. */
  createIndex(field: string, index: PayloadIndex): number {
    this.indexes.set(field, index);
    this.#noteTextFields();
    this.nextOperation();
    return this.nextOperation();
  }

  deleteIndex(field: string): number {
    this.indexes.delete(field);
    this.#noteTextFields();
    return this.nextOperation();
  }

  /** How many points have a value the index of a field holds. */
  indexedPoints(field: string, index: PayloadIndex): number {
    const isIndexed = indexedIn(index, field);
    let count = 0;
    for (const point of this.#points.values()) if (isIndexed(point.payload)) count++;
    return count;
  }

  /** How many vectors are in an index: the sparse ones, as segments this small have no other. */
  indexedVectors(): number {
    let count = 0;
    for (const { vectors } of this.#points.values()) {
      for (const vector of vectors.values()) if (vector.kind === 'sparse') count++;
    }
    return count;
  }

  nextOperation(): number {
    return ++this.#operation;
  }

  #change(ids: Iterable<PointId>, change: (point: StoredPoint) => StoredPoint): number {
    const version = this.nextOperation();
    for (const id of ids) {
      const point = this.#points.get(id);
      if (point === undefined) throw notFound(`No point with id ${id} found`);
      this.#points.set(id, { ...change(point), version });
    }
    return version;
  }

  #put(point: StoredPoint): void {
    if (!this.#points.has(point.id)) {
      const last = this.#ids.at(-1);
      if (last !== undefined && comparePointIds(last, point.id) > 0) this.#sorted = false;
      this.#ids.push(point.id);
    }
    this.#points.set(point.id, point);
  }

  #sortedIds(): readonly PointId[] {
    if (!this.#sorted) this.#ids.sort(comparePointIds);
    this.#sorted = true;
    return this.#ids;
  }

  #checkDimensions(vectors: Vectors): void {
    for (const [name, vector] of vectors) {
      const spec = this.spec(name);
      if (spec.kind !== 'sparse' && vector.kind === 'dense') checkDimension(spec.size, vector.values);
    }
  }

  #stored(vectors: Vectors): Vectors {
    return new Map(Array.from(vectors, ([name, vector]) => [name, storedVector(this.spec(name), vector)]));
  }

  #noteTextFields(): void {
    this.#textFields = new Set(
      Array.from(this.indexes).flatMap(([field, { type }]) => (type === 'text' ? [field] : [])),
    );
  }
}

function lowerBound(ids: readonly PointId[], from: PointId): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const id = ids[middle];
    if (id !== undefined && comparePointIds(id, from) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
