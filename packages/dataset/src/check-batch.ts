import {
  type CollectionDescription,
  hasVector,
  type IdKind,
  idKindOf,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import type { ProblemCode } from './validation-report.js';

/** What does not fit a description, as the end of a sentence that starts with the part. */
interface Misfit {
  readonly code: ProblemCode;
  readonly what: string;
}

/** Compares the batches of a part with a description. */
export interface BatchCheck {
  add(batch: VectorBatch): void;
  /** Each vector at most once, and all ids of a wrong kind as one. */
  problems(): readonly Misfit[];
}

/** A {@link BatchCheck} for a collection. A column in which no row has a vector fits everywhere. */
export function createBatchCheck({ vectors, idKinds }: CollectionDescription): BatchCheck {
  const wrongVectors = new Map<string, Misfit>();
  const wrongIds: string[] = [];
  let wrongIdCount = 0;
  return {
    add(batch) {
      for (const [name, column] of Object.entries(batch.vectors)) {
        const spec = Object.hasOwn(vectors, name) ? vectors[name] : undefined;
        const what = holdsVectors(column, batch.ids.length) ? misfitOf(name, column, spec) : undefined;
        if (what !== undefined) wrongVectors.set(name, { code: 'wrong-vector', what });
      }
      for (const id of wrongIdsOf(batch, idKinds)) {
        wrongIdCount++;
        if (wrongIds.length < 3) wrongIds.push(`'${id}'`);
      }
    },
    problems() {
      if (wrongIdCount === 0) return [...wrongVectors.values()];
      const what = `holds ${wrongIdCount} ids that are not ${idKinds.join(' or ')}, for example ${wrongIds.join(', ')}`;
      return [...wrongVectors.values(), { code: 'wrong-id-kind', what }];
    },
  };
}

function misfitOf(
  name: string,
  column: VectorColumn,
  spec: CollectionDescription['vectors'][string] | undefined,
): string | undefined {
  if (spec === undefined) return `holds the vector '${name}', which the collection does not have`;
  if (spec.kind !== column.kind)
    return `holds ${column.kind} vectors '${name}' where the collection has ${spec.kind} ones`;
  if (column.kind === 'sparse' || spec.dimension === undefined || column.dimension === spec.dimension) return undefined;
  return `holds vectors '${name}' with ${column.dimension} dimensions where the collection has ${spec.dimension}`;
}

function holdsVectors(column: VectorColumn, rows: number): boolean {
  for (let row = 0; row < rows; row++) if (hasVector(column, row)) return true;
  return false;
}

function wrongIdsOf(batch: VectorBatch, kinds: readonly IdKind[]): readonly string[] {
  return kinds.includes('string') ? [] : batch.ids.filter((id) => idKindOf(id, kinds) === undefined);
}
