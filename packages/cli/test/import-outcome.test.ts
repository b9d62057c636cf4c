import { describe, expect, it } from '@jest/globals';
import type { ImportedCollection } from '@vecport/transfer';
import { importOutcome } from '../src/commands/import-outcome.js';

const MOVED = new Map([['items', { first: 10, done: 100, milliseconds: 500 }]]);

function outcomeWith(
  change: Partial<ImportedCollection>,
  complete: boolean,
  allowQuarantine = false,
): ReturnType<typeof importOutcome> {
  const collection = { name: 'items', target: 'copy', accepted: 100, refused: 0, failed: [], ...change };
  const report = { collections: [collection], complete, resumed: false };
  return importOutcome(report, 'lancedb:./data', 1500, { moved: MOVED, allowQuarantine });
}

describe('what is told of an import', () => {
  it('is no failure when points may be refused, unless what was verified differs', () => {
    const failed = [{ id: 'a', code: 'invalid-argument', reason: 'No.' }] as const;
    const comparison = { provider: 'p', collection: 'copy', equal: false, differences: ['It differs.'], points: 1 };
    expect(outcomeWith({ refused: 1, failed }, false, true).exitCode).toBe(0);
    expect(outcomeWith({ refused: 1, failed, comparison }, false, true).exitCode).toBe(3);
  });

  it('is a table and the time', () => {
    const { exitCode, text } = outcomeWith({}, true);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/│ items\s+│ copy\s+│\s+100 │\s+0 │\s+200\/s │ no/);
    expect(text).toContain('Store: lancedb:./data\nDone in 1.5 s.');
    expect(text).not.toContain('refused:');
  });

  it('is each refused point with its reason, the first ones for people and all for machines; exit code 3', () => {
    const failed = Array.from({ length: 12 }, (_, n) => ({
      id: `id-${n}`,
      code: 'invalid-argument' as const,
      reason: `The vector of point ${n} is zero.`,
    }));
    const { exitCode, text, json } = outcomeWith({ accepted: 88, refused: 1200, failed }, false);
    expect(exitCode).toBe(3);
    expect(text).toContain('1,200 points refused:\n  - copy / id-0: The vector of point 0 is zero.');
    expect(text).toContain('id-9: The vector of point 9 is zero.\n  - and 1,190 more');
    expect(text).not.toContain('id-10:');
    expect(json).toMatchObject({ complete: false, collections: [{ failed }] });
  });

  it('is what differs after it was verified; exit code 3', () => {
    const comparison = {
      provider: 'lancedb',
      collection: 'copy',
      equal: false,
      differences: ['The vectors differ.'],
      points: 100,
      digest: { count: 100, ids: '', vectors: '', metadata: '', content: '' },
    };
    const { exitCode, text } = outcomeWith({ comparison }, false);
    expect(exitCode).toBe(3);
    expect(text).toContain('NOT EQUAL');
    expect(text).toContain('Differences:\n  - copy: The vectors differ.');
  });
});
