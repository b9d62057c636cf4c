import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alongPrincipalAxes } from '../src/catalogue/principal-axes.js';

describe('Principal axes', () => {
  it('are those along which points vary most, and next to most', async () => {
    // Points of a long, flat ellipse that lies askew in three dimensions.
    const angles = Array.from({ length: 60 }, (_, at) => (at / 60) * 2 * Math.PI);
    const points = angles.map((angle) => [10 * Math.cos(angle), 3 * Math.sin(angle)] as const);
    const values = Float32Array.from(points.flatMap(([long, flat]) => [long * 0.6 + 5, long * 0.8, flat]));
    const [first, second] = await alongPrincipalAxes({ values, dimension: 3 });
    const sign = [Math.sign(first[0] ?? 0), Math.sign(second[15] ?? 0)] as const;
    points.forEach(([long, flat], at) => {
      expect((first[at] ?? 0) * sign[0]).toBeCloseTo(long, 2);
      expect((second[at] ?? 0) * sign[1]).toBeCloseTo(flat, 2);
    });
  });

  it('are finite for any finite points, equal ones too', async () => {
    const numbers = fc.float({ min: -1e6, max: 1e6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(numbers, { maxLength: 40 }), async (dimension, all) => {
        const values = Float32Array.from(all.slice(0, all.length - (all.length % dimension)));
        const axes = await alongPrincipalAxes({ values, dimension });
        for (const axis of axes) {
          expect(axis).toHaveLength(values.length / dimension);
          expect(axis.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
    const [same] = await alongPrincipalAxes({ values: Float32Array.of(1, 2, 1, 2), dimension: 2 });
    expect([...same]).toEqual([0, 0]);
  });

  it('leave a server its turns, and stop when they are told to', async () => {
    const values = Float32Array.from({ length: 2000 * 64 }, (_, at) => Math.sin(at * at));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    await alongPrincipalAxes({ values, dimension: 64 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
    const reason = new Error('enough');
    await expect(alongPrincipalAxes({ values, dimension: 64 }, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
