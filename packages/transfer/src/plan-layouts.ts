import { VecportError } from '@vecport/abstractions';
import { planLayout } from '@vecport/dataset';
import type { ExportPlan } from './export-plan.js';
import { checkLayoutPaths } from './layout-paths.js';

/**
 * The plan of an export in our own layout as one in the layout it asks for: the columns of every collection, and what is
 * lost.
 * @throws VecportError `not-supported`, with advice, for what the layout cannot hold; `invalid-argument` for choices that
 * exclude each other.
 */
export function inPlannedLayout(plan: ExportPlan): ExportPlan {
  const { layout, keyField, encoding, parent } = plan;
  const operation = 'export';
  if (layout === undefined) {
    if (keyField === undefined) return plan;
    throw new VecportError('invalid-argument', 'The native layout names points by their ids.', {
      operation,
      advice: 'Leave the key field out, or choose the layout qdrant.',
    });
  }
  if (encoding.format !== 'parquet') {
    throw new VecportError('invalid-argument', `Files of the layout '${layout}' are Parquet, not ${encoding.format}.`, {
      operation,
      advice: 'Choose a strategy of Parquet.',
    });
  }
  if (parent !== undefined) {
    throw new VecportError('not-supported', `The layout '${layout}' has no place for what an increment says is gone.`, {
      operation,
      advice: 'Make increments in the native layout.',
    });
  }
  const losses: string[] = [];
  const collections = plan.collections.map((collection) => {
    const planned = planLayout(collection.description, collection.schema, { layout, keyField });
    losses.push(...planned.losses);
    return { ...collection, description: planned.description, schema: planned.schema };
  });
  const whole = { ...plan, collections, losses };
  checkLayoutPaths(whole);
  return whole;
}
