import { setImmediate as letOthersRun } from 'node:timers/promises';

/** More would move no point of a map by more than its own size. */
const MOST_ROUNDS = 60;
/** An axis that turns by less than this in a round is found. */
const SMALL_TURN = 1e-4;

/** Vectors, one after the other. */
export interface VectorTable {
  readonly values: Float32Array;
  readonly dimension: number;
}

/**
 * Where vectors are along their two principal axes: the first along which they vary most, and the one across it. By
 * power iteration, which gives other requests their turn after every round: libraries that compute all components,
 * or iterate until numbers stand still, hold a server for a minute where no direction stands out.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function alongPrincipalAxes(
  table: VectorTable,
  signal?: AbortSignal,
): Promise<readonly [Float64Array, Float64Array]> {
  const centred = centre(table);
  const first = await principalAxis(centred, [], signal);
  const second = await principalAxis(centred, [first], signal);
  return [project(centred, first), project(centred, second)];
}

function centre({ values, dimension }: VectorTable): VectorTable {
  const count = values.length / dimension;
  const mean = new Float64Array(dimension);
  for (let at = 0; at < values.length; at++)
    mean[at % dimension] = valueAt(mean, at % dimension) + valueAt(values, at) / count;
  return { values: values.map((value, at) => value - valueAt(mean, at % dimension)), dimension };
}

async function principalAxis(
  table: VectorTable,
  found: readonly Float64Array[],
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  // Any start does that is not across the axis; this one is the same each time.
  let axis = normalized(
    across(
      Float64Array.from({ length: table.dimension }, (_, at) => Math.sin(at + 1)),
      found,
    ),
  );
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await letOthersRun();
    signal?.throwIfAborted();
    const next = normalized(across(combine(table, project(table, axis)), found));
    const turn = 1 - Math.abs(dot(axis, next));
    axis = next;
    if (turn < SMALL_TURN ** 2) break;
  }
  return axis;
}

/** How far each vector goes along an axis. */
function project({ values, dimension }: VectorTable, axis: Float64Array): Float64Array {
  const lengths = new Float64Array(values.length / dimension);
  for (let row = 0; row < lengths.length; row++) {
    let sum = 0;
    for (let at = 0; at < dimension; at++) sum += valueAt(values, row * dimension + at) * valueAt(axis, at);
    lengths[row] = sum;
  }
  return lengths;
}

/** The sum of all vectors, each as often as its weight says. */
function combine({ values, dimension }: VectorTable, weights: Float64Array): Float64Array {
  const sum = new Float64Array(dimension);
  for (let row = 0; row < weights.length; row++) {
    const weight = valueAt(weights, row);
    for (let at = 0; at < dimension; at++) sum[at] = valueAt(sum, at) + weight * valueAt(values, row * dimension + at);
  }
  return sum;
}

/** What is left of a vector without its parts along other axes. */
function across(vector: Float64Array, axes: readonly Float64Array[]): Float64Array {
  return axes.reduce((left, axis) => {
    const part = dot(left, axis);
    return left.map((value, at) => value - part * valueAt(axis, at));
  }, vector);
}

/** Of length 1; zeros stay zeros. */
function normalized(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, at) => sum + value * valueAt(right, at), 0);
}

function valueAt(values: Float32Array | Float64Array, index: number): number {
  return values[index] as number;
}
