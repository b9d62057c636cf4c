import type { VectorRow, VectorValue } from '@vecport/abstractions';
import type { CollectionSummary } from '@vecport/dataset';
import { plural, shorten } from '../output/format.js';

/** Numbers of a vector that are shown to people; `--json` has all of them. */
const SHOWN_NUMBERS = 4;

/** The first points of a collection. */
export interface Sample {
  readonly collection: CollectionSummary;
  readonly rows: readonly VectorRow[];
}

/** The first points of a collection, for people. */
export function sampleText({ collection, rows }: Sample): string {
  const lines = rows.map((row) => {
    const vectors = vectorsOf(collection, row).map(([name, value]) => `${name} ${vectorText(value)}`);
    return `  ${shorten(row.id, 60)}  ${vectors.join(', ')}  ${shorten(row.metadataText ?? 'no metadata', 120)}`;
  });
  return [`${collection.name}: the first ${plural(rows.length, 'point')}`, ...lines].join('\n');
}

function vectorText(value: VectorValue): string {
  if (value instanceof Float32Array) return numbersText(value);
  if ('indices' in value)
    return `${plural(value.indices.length, 'entry').replace(/entrys$/, 'entries')} ${numbersText(value.values)}`;
  return plural(value.length, 'vector');
}

function numbersText(values: Float32Array): string {
  const shown = Array.from(values.subarray(0, SHOWN_NUMBERS), (value) => String(Number(value.toPrecision(4))));
  return `[${[...shown, ...(values.length > SHOWN_NUMBERS ? ['…'] : [])].join(', ')}]`;
}

/** A point as JSON: numbers of vectors that JSON has no words for are texts. */
export function sampleJson(collection: CollectionSummary, row: VectorRow): unknown {
  return {
    id: row.id,
    vectors: Object.fromEntries(vectorsOf(collection, row).map(([name, value]) => [name, vectorJson(value)])),
    metadata: row.metadata,
  };
}

function vectorJson(value: VectorValue): unknown {
  if (value instanceof Float32Array) return numbersJson(value);
  if ('indices' in value) return { indices: [...value.indices], values: numbersJson(value.values) };
  return value.map(numbersJson);
}

// JSON has no NaN and no infinities; they are texts here.
function numbersJson(values: Float32Array): readonly (number | string)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)));
}

function vectorsOf(collection: CollectionSummary, row: VectorRow): readonly (readonly [string, VectorValue])[] {
  return Object.keys(collection.vectors).flatMap((name) => {
    const value = row.vector(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}
