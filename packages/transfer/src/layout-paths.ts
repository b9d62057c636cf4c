import { VecportError } from '@vecport/abstractions';
import { type LayoutPlace, layoutPath, type OtherLayout } from '@vecport/dataset';
import { folderIn, tenantFolderIn } from './dataset-sink.js';
import type { ExportPlan } from './export-plan.js';

/** Where the files of a collection, or of one of its tenants, go in another tool's layout. */
export function layoutPlace(
  plan: ExportPlan,
  index: number,
  layout: OtherLayout,
  tenant: string | undefined,
): Omit<LayoutPlace, 'index'> {
  const collection = plan.collections[index];
  if (collection === undefined) throw new RangeError(`The plan has no collection ${index}.`);
  const folder = folderIn(plan, collection).replace(/^.*\//, '');
  return { layout, collection: collection.name, folder, tenant, tenantFolder: tenantFolderIn(collection, tenant) };
}

/**
 * Refuse collections and tenants whose files would have the same name: names of files are put together from theirs.
 * @throws VecportError `not-supported`.
 */
export function checkLayoutPaths(plan: ExportPlan): void {
  const { layout } = plan;
  if (layout === undefined) return;
  const seen = new Map<string, string>();
  for (const [index, { name, units }] of plan.collections.entries()) {
    for (const { tenant } of units) {
      const path = layoutPath({ ...layoutPlace(plan, index, layout, tenant), index: 0 }).toLowerCase();
      const what = tenant === undefined ? `'${name}'` : `tenant '${tenant}' of '${name}'`;
      const other = seen.get(path);
      if (other !== undefined) {
        throw new VecportError('not-supported', `${other} and ${what} would have the same file ${path}.`, {
          operation: 'export',
          advice: 'Export them by themselves, or in another layout.',
        });
      }
      seen.set(path, what);
    }
  }
}

/** Files a collection or tenant is looked for under when it may have several. */
const MOST_FILES = 1000;

/** All paths that the joined files of a plan can have; none in our own layout. */
export function joinedPaths(plan: ExportPlan): ReadonlySet<string> {
  const { layout } = plan;
  const paths = new Set<string>();
  if (layout === undefined) return paths;
  for (const [index, { units }] of plan.collections.entries()) {
    for (const { tenant } of units) {
      const place = layoutPlace(plan, index, layout, tenant);
      for (let at = 0; at < (layout === 'pinecone' ? MOST_FILES : 1); at++)
        paths.add(layoutPath({ ...place, index: at }));
    }
  }
  return paths;
}
