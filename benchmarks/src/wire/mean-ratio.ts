/** Quantiles of Student's t for 95 %, by degrees of freedom; beyond them that of the normal distribution is near enough. */
const T = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09,
];
const T_OF_MANY = 2.09;

/** A ratio and the interval that holds it in 95 of 100 such experiments. */
export interface MeanRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** The geometric mean of `values[i] / others[i]`, with the interval of a t test on the logarithms. Two pairs at least. */
export function meanRatio(values: readonly number[], others: readonly number[]): MeanRatio {
  const logs = values.flatMap((value, i) => {
    const other = others[i];
    return other === undefined ? [] : [Math.log(value / other)];
  });
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const half = (T[logs.length - 2] ?? T_OF_MANY) * Math.sqrt(variance / logs.length);
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}
