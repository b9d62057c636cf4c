import type { Storage } from '@vecport/storage';
import type { CollectionPlan, ExportPlan, UnitPlan } from './export-plan.js';
import { savePlan } from './prepare-export.js';

/** Which unit of a plan. */
export interface UnitPlace {
  readonly collection: number;
  readonly unit: number;
}

/** The plan of a running export, as it is pinned beside the data. */
export interface PlanKeeper {
  readonly plan: ExportPlan;
  collectionAt(place: Pick<UnitPlace, 'collection'>): CollectionPlan;
  unitAt(place: UnitPlace): UnitPlan;
  /** Pin another plan for one unit, whose earlier parts and checkpoints are gone. Durable when it resolves. */
  replaceUnit(place: UnitPlace, unit: UnitPlan): Promise<void>;
}

/** A {@link PlanKeeper} for a plan that was saved. */
export function createPlanKeeper(storage: Storage, saved: ExportPlan): PlanKeeper {
  let plan = saved;
  let saving = Promise.resolve();
  const collectionAt = ({ collection }: Pick<UnitPlace, 'collection'>): CollectionPlan =>
    plan.collections[collection] as CollectionPlan;
  return {
    get plan() {
      return plan;
    },
    collectionAt,
    unitAt: (place) => collectionAt(place).units[place.unit] as UnitPlan,
    replaceUnit: async (place, unit) => {
      const collection = collectionAt(place);
      const units = collection.units.with(place.unit, unit);
      plan = { ...plan, collections: plan.collections.with(place.collection, { ...collection, units }) };
      // One write at a time, and the last one has all changes.
      saving = saving.then(async () => savePlan(storage, plan));
      await saving;
    },
  };
}
