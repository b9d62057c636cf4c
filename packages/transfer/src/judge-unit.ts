import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import type { SliceTally } from './checkpoint.js';
import { type CompletenessVerdict, judgeCompleteness } from './completeness.js';
import { countPoints } from './count-points.js';
import type { CollectionPlan, UnitPlan } from './export-plan.js';
import type { UniqueIds } from './unique-ids.js';

/** What there is to judge a unit by. */
export interface UnitEvidence {
  readonly tally: SliceTally;
  readonly ids: UniqueIds;
  /** As many points were written as were asked for at most. */
  readonly limited: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What follows. */
export interface UnitVerdict {
  /** Sentences without a full stop. */
  readonly warnings: readonly string[];
  /** Points the source counted afterwards. */
  readonly after?: number | undefined;
}

/**
 * Whether a unit was read whole. Points that a transform dropped and ids that were not there any more are accounted
 * for.
 * @throws VecportError `incomplete` when it was not.
 */
export async function judgeUnit(
  repository: IVectorSearchRepository,
  { selection }: CollectionPlan,
  unit: UnitPlan,
  evidence: UnitEvidence,
): Promise<UnitVerdict> {
  const { tally, ids, limited, signal } = evidence;
  if (selection.ids !== undefined) {
    refuse(repository, judgeList(selection.ids.count, evidence), ids);
    return { warnings: [] };
  }
  const after = await countPoints(repository, selection.filter, signal);
  const verdict = judgeCompleteness(
    {
      before: unit.expected,
      after,
      exported: tally.read + tally.missing,
      duplicates: ids.duplicates(),
      revisionBefore: unit.revision,
      revisionAfter: await repository.revision?.({ signal }),
      countsLate: repository.traits.eventual?.includes('count'),
      limited,
    },
    unit.slices.consistency === 'snapshot',
  );
  refuse(repository, verdict, ids);
  return { after, warnings: [...(verdict.warning === undefined ? [] : [verdict.warning]), ...vanished(tally)] };
}

function judgeList(count: number, { tally, ids, limited }: UnitEvidence): CompletenessVerdict {
  if (ids.duplicates() > 0) return { problem: `the source gave ${ids.duplicates()} points more than once` };
  const known = tally.read + tally.missing;
  if (limited || known === count) return {};
  return { problem: `${count} points were asked for by id, and the source answered for ${known}` };
}

function vanished({ missing, missingIds }: SliceTally): readonly string[] {
  if (missing === 0) return [];
  const examples = missingIds.slice(0, 3).map((id) => `'${id}'`);
  return [
    `${missing} points whose ids were read were gone when they were fetched (for example ${examples.join(', ')})`,
  ];
}

function refuse(repository: IVectorSearchRepository, { problem }: CompletenessVerdict, ids: UniqueIds): void {
  if (problem === undefined) return;
  const examples = ids.examples();
  const which = examples.length > 0 ? ` (for example ${examples.map((id) => `'${id}'`).join(', ')})` : '';
  throw new VecportError('incomplete', `The export is not complete: ${problem}${which}.`, {
    provider: repository.provider,
    collection: repository.collection,
    operation: 'export',
    advice:
      'The unfinished export was kept for inspection; remove it and export again, without writers if it happens again.',
  });
}
