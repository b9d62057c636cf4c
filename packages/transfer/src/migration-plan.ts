import type { CollectionDescription, IVectorSearchRepository } from '@vecport/abstractions';
import { collectionDescriptionSchema, selectionSchema } from '@vecport/dataset';
import { z } from 'zod';
import { countPoints } from './count-points.js';
import { partRowsFor, sliceCountFor, type UnitPlan } from './export-plan.js';
import { PART_ROWS } from './load-collections.js';
import { unitPlanSchema } from './plan-schema.js';
import { planSlices, type Selection } from './repository-source.js';

/** Slices a migration has, as long as each has a part of its own: enough for so many workers. */
const FEWEST_SLICES = 8;

/** One collection of a migration: what it is and how it is read. */
export interface MigratedCollectionPlan {
  readonly name: string;
  readonly description: CollectionDescription;
  /** Its points belong to tenants. */
  readonly divided: boolean;
  readonly units: readonly UnitPlan[];
}

/** The pinned plan of a migration. */
export interface MigrationPlan {
  readonly planVersion: 1;
  readonly selection: Selection;
  readonly collections: readonly MigratedCollectionPlan[];
}

/** The shape of a plan read from a file. */
export const migrationPlanSchema = z.object({
  planVersion: z.literal(1),
  selection: selectionSchema,
  collections: z
    .array(
      z.object({
        name: z.string().min(1),
        description: collectionDescriptionSchema,
        divided: z.boolean(),
        units: z.array(unitPlanSchema).min(1),
      }),
    )
    .min(1),
});

/** Fix how collections are read. Reads no points. */
export async function planMigration(
  groups: readonly (readonly IVectorSearchRepository[])[],
  selection: Selection,
  signal: AbortSignal | undefined,
): Promise<MigrationPlan> {
  const collections: MigratedCollectionPlan[] = [];
  for (const group of groups) collections.push(await planCollection(group, selection, signal));
  return { planVersion: 1, selection, collections };
}

/** Fix how a collection, given by its tenants where it has some, is read. Reads no points. */
export async function planCollection(
  group: readonly IVectorSearchRepository[],
  selection: Selection,
  signal: AbortSignal | undefined,
): Promise<MigratedCollectionPlan> {
  const [first] = group as readonly [IVectorSearchRepository];
  const description = await first.describe({ signal });
  const units: UnitPlan[] = [];
  for (const repository of group) {
    const revision = await repository.revision?.({ signal });
    const expected = await countPoints(repository, selection.filter, signal);
    const slices = await planSlices(repository, slicesFor(expected, description), selection, signal);
    units.push({ tenant: repository.tenant, slices, expected, revision });
  }
  const divided = group.some(({ tenant }) => tenant !== undefined);
  return { name: first.collection, description, divided, units };
}

function slicesFor(points: number | undefined, description: CollectionDescription): number {
  const byBytes = sliceCountFor(points, partRowsFor(description));
  return Math.max(byBytes, Math.min(FEWEST_SLICES, sliceCountFor(points, PART_ROWS)));
}
