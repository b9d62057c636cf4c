import { VecportError } from '@vecport/abstractions';
import type { BuilderPool } from '@vecport/wire';
import { PROVIDER } from './config.js';
import { brokenPromise, corruptAnswer } from './errors.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import type { PayloadPrinter } from './payload-printer.js';
import { comparePointIds, type PointId } from './point-id.js';

/** What bounds a page that is decoded. */
export interface PageBounds {
  readonly layout: CollectionLayout;
  /** Where the columns come from; memory of their own if not said. */
  readonly builders?: BuilderPool | undefined;
  /** Prints the payloads; one of its own if not said. */
  readonly printer?: PayloadPrinter | undefined;
  /** Points from this identifier on are not decoded. */
  readonly to?: PointId | undefined;
  /** Identifiers must ascend. */
  readonly ordered: boolean;
}

/** @throws VecportError `provider-error` unless `id` comes after the one before it. */
export function checkOrder(before: PointId | undefined, id: PointId): void {
  if (before === undefined || comparePointIds(before, id) < 0) return;
  throw brokenPromise(
    `Qdrant gave the point ${id} after the point ${before}; pages are in ascending order, each point once.`,
  );
}

/**
 * The layout of a vector that came in an answer.
 * @throws VecportError `source-changed` for one the collection did not have when it was opened.
 */
export function knownVector(layout: CollectionLayout, key: string): VectorLayout {
  const vector = layout.byKey.get(key);
  if (vector !== undefined) return vector;
  throw new VecportError(
    'source-changed',
    `The collection has a vector '${key}' that it did not have when it was opened.`,
    { provider: PROVIDER, advice: 'Open the collection again.' },
  );
}

/** An answer with a vector that is not as the collection says. */
export function wrongShape({ name, kind, dimension }: VectorLayout): VecportError {
  const what = kind === 'sparse' ? 'sparse vector' : `${kind} vector of ${dimension} dimensions`;
  return corruptAnswer(`The answer has something else than the ${what} '${name}' that the collection holds.`);
}
