import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstTurn, turnPriority } from '../src/fair-turns.js';

interface Run {
  readonly name: number;
  readonly base: number;
  readonly slices: number;
  readonly turns: number[];
}

/** Which run has each of the next turns, when one worker takes them. */
function take(runs: readonly Run[], count: number): readonly number[] {
  return Array.from({ length: count }, () => {
    const due = runs.flatMap((run) =>
      run.turns.map((turns, at) => ({ run, at, priority: turnPriority({ ...run, at, turns }) })),
    );
    const [first] = due.toSorted((left, right) => left.priority - right.priority || left.run.name - right.run.name);
    if (first === undefined) throw new Error('Nothing waits.');
    first.run.turns[first.at] = (first.run.turns[first.at] ?? 0) + 1;
    return first.run.name;
  });
}

const run = (name: number, slices: number, base = 0): Run => ({
  name,
  base,
  slices,
  turns: Array.from({ length: slices }, () => 0),
});

describe('the order of turns', () => {
  it('gives runs equally many turns, however many slices each has', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 }), (slices) => {
        const taken = take(
          slices.map((count, name) => run(name, count)),
          slices.length * 30,
        );
        for (const name of slices.keys()) expect(taken.filter((one) => one === name)).toHaveLength(30);
      }),
      { numRuns: 30 },
    );
  });

  it('goes round the slices of a run', () => {
    const one = run(0, 3);
    take([one], 7);
    expect(one.turns).toEqual([3, 2, 2]);
  });

  it('lets a new run begin where the others are', () => {
    const old = run(0, 4);
    take([old], 100);
    const waiting = old.turns.map((turns, at) => turnPriority({ ...old, at, turns }));
    const taken = take([old, run(1, 8, firstTurn(waiting))], 40);
    expect(taken.filter((name) => name === 1)).toHaveLength(20);
    expect(taken.slice(0, 4)).toContain(0);
  });

  it('begins anew in an empty queue, and stays within what the queue knows', () => {
    expect(firstTurn([])).toBe(0);
    expect(firstTurn([0, 0])).toBe(0);
    expect(turnPriority({ base: 0, slices: 1, at: 0, turns: 0 })).toBe(1);
    expect(turnPriority({ base: 2_000_000, slices: 64, at: 3, turns: 1_000_000 })).toBe(2_097_152);
  });
});
