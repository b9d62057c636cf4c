import { hasVector, metadataBytes, VecportError, type VectorBatch, type VectorColumn } from '@vecport/abstractions';
import type { PartSchema } from '../part-codec.js';
import { pineconeFault } from './pinecone-fault.js';

/**
 * The points of a batch that cannot stand in the layout of a schema, by row, each with the reason as a sentence. The
 * native layout holds everything.
 */
export function layoutFaults(schema: PartSchema, batch: VectorBatch): ReadonlyMap<number, string> {
  const faults = new Map<number, string>();
  const { layout } = schema;
  if (layout === undefined) return faults;
  const printed = layout === 'weaviate' ? unprintable(batch) : [];
  for (let row = 0; row < batch.ids.length; row++) {
    const fault = faultOf(schema, batch, row, printed);
    if (fault !== undefined) faults.set(row, `The layout '${layout}' has no place for the point: ${fault}.`);
  }
  return faults;
}

/**
 * Refuse a batch with a point that {@link layoutFaults} names, before any of it is written.
 * @throws VecportError `invalid-argument`, naming the first such point.
 */
export function checkLayoutBatch(schema: PartSchema, batch: VectorBatch): void {
  const [first] = layoutFaults(schema, batch);
  if (first === undefined) return;
  throw new VecportError('invalid-argument', `The point '${batch.ids[first[0]]}' cannot be written. ${first[1]}`, {
    advice: 'Choose the layout native, which holds everything, or leave such points out.',
  });
}

function faultOf(
  { layout, vectors }: PartSchema,
  batch: VectorBatch,
  row: number,
  printed: readonly (readonly [string, VectorColumn])[],
): string | undefined {
  const metadata = metadataBytes(batch.metadata, row);
  if (metadata !== undefined && !isObject(metadata)) return 'its metadata is no JSON object';
  for (const [name, column] of printed) {
    if (hasVector(column, row) && !isFiniteRow(column, row))
      return `its vector '${name}' has a number that JSON cannot hold`;
  }
  return layout === 'pinecone' ? pineconeFault(batch, vectors, row, metadata) : undefined;
}

/** Vectors that are printed as JSON and have a NaN or an infinity somewhere. */
function unprintable({ vectors }: VectorBatch): readonly (readonly [string, VectorColumn])[] {
  return Object.entries(vectors).filter(
    ([name, { kind, values }]) =>
      (kind === 'multi' || (kind === 'dense' && name !== 'default')) && !values.every(Number.isFinite),
  );
}

function isFiniteRow(column: VectorColumn, row: number): boolean {
  if (column.kind === 'sparse') return true;
  const [start, end] = column.kind === 'dense' ? [row, row + 1] : [column.offsets[row], column.offsets[row + 1]];
  return column.values.subarray((start ?? 0) * column.dimension, (end ?? 0) * column.dimension).every(Number.isFinite);
}

/** Whether a JSON text is an object, given that it is JSON. */
function isObject(json: Uint8Array): boolean {
  const first = json.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return first === 0x7b;
}
