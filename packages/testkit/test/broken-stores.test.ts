import { describe, expect, it } from '@jest/globals';
import { brokenStores, checkTitle, conformanceChecks, createMemoryStore, runConformance } from '@vecport/testkit';

describe('the conformance suite', () => {
  it.each(brokenStores.map((store) => [store.name, store] as const))('catches a store that %s', async (name, store) => {
    const outcomes = await runConformance(name, { ...store.options(), points: 150, filterRuns: 20 });
    const failed = outcomes.filter(({ status }) => status === 'failed').map(checkTitle);
    expect(failed).toEqual(expect.arrayContaining([...store.caughtBy]));
    // A defect is found by what it is about, not because everything fails.
    expect(failed.length).toBeLessThan(conformanceChecks.length / 2);
  });

  it('passes the same store without a defect', async () => {
    const store = createMemoryStore();
    const outcomes = await runConformance('intact', { open: async () => store, points: 150, filterRuns: 20 });
    expect(outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(outcomes).toHaveLength(conformanceChecks.length);
  });
});
