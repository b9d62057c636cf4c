/** How many points every provider is filled with, and how long their vectors are. */
export const POINTS = 20_000;
export const DIMENSION = 384;

/** What a point says besides its vector: about 300 bytes of JSON, flat, as every provider can hold it. */
export interface Metadata {
  readonly [field: string]: string | number | boolean | string[];
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly brand: string;
  readonly price: number;
  readonly stock: number;
  readonly available: boolean;
  readonly tags: string[];
  readonly createdAt: string;
}

/** A point as a program has it that got its vector from a model. */
export interface Point {
  /** A uuid. */
  readonly id: string;
  /** Of length 1, in numbers that are floats of single precision. */
  readonly vector: number[];
  readonly metadata: Metadata;
}

const WORDS =
  'wireless compact sturdy quiet bright adjustable portable classic heavy light waterproof folding steel wooden'.split(
    ' ',
  );
const THINGS = ['keyboard', 'lamp', 'backpack', 'kettle', 'monitor', 'chair', 'drill', 'tent', 'camera', 'speaker'];
const BRANDS = ['Norwell', 'Aster', 'Kestrel', 'Brightside', 'Oakline'];

/** Points `first` … `first + count - 1`: the same ones whenever they are asked for. */
export function pointsFrom(first: number, count: number): Point[] {
  return Array.from({ length: count }, (_, i) => pointOf(first + i));
}

/** All points in groups. */
export function* pointGroups(size: number): Generator<Point[], void, undefined> {
  for (let first = 0; first < POINTS; first += size) yield pointsFrom(first, Math.min(size, POINTS - first));
}

function pointOf(n: number): Point {
  const next = numbers(n);
  const id = uuidOf(next);
  const vector = unitVector(next);
  return { id, vector, metadata: metadataOf(n, next) };
}

/** The metadata of a point from the numbers that are next. */
export function metadataOf(n: number, next: () => number): Metadata {
  const pick = (list: readonly string[]): string => list[next() % list.length] ?? '';
  const thing = pick(THINGS);
  const words = Array.from({ length: 12 }, () => pick(WORDS));
  return {
    title: `${pick(WORDS)} ${thing} ${n}`,
    description: `A ${thing} that is ${words.join(', ')}.`,
    category: `${thing}s`,
    brand: pick(BRANDS),
    price: (next() % 100_000) / 100,
    stock: next() % 500,
    available: next() % 3 > 0,
    tags: [pick(WORDS), pick(WORDS), thing],
    createdAt: new Date(1_700_000_000_000 + (next() % 40_000_000) * 1000).toISOString(),
  };
}

function unitVector(next: () => number): number[] {
  // The sum of a few numbers is about as normal as embeddings are.
  const values = Array.from({ length: DIMENSION }, () => next() + next() + next() - 1.5 * 2 ** 32);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => Math.fround(value / length));
}

/** A uuid from the four numbers that are next. */
export function uuidOf(next: () => number): string {
  const hex = Array.from({ length: 4 }, () => next().toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Whole numbers below 2^32, by xorshift from a mixed seed. */
export function numbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  // Neighbouring seeds are still alike in their first numbers.
  for (let i = 0; i < 8; i++) next();
  return next;
}
