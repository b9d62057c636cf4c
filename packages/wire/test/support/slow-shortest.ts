/** Of decimals that round to a float32 by way of a double, how long the shortest is and how far the nearest of those. */
export interface Shortest {
  readonly digits: number;
  /** Distance from the float, as a fraction. */
  readonly distance: Fraction;
}

/** An exact number that is not negative. */
export interface Fraction {
  readonly above: bigint;
  readonly below: bigint;
}

/**
 * The obvious way: for one digit, two digits and so on, try every decimal of that length next to the float, and see
 * which of them `Math.fround(Number(text))` gives back. Distances are exact.
 */
export function slowShortest(value: number): Shortest {
  const exact = fractionOf(value);
  for (let digits = 1; digits <= 9; digits++) {
    const power = powerOf(value) - digits + 1;
    const unit = powerOfTen(power);
    const below = (exact.above * unit.below) / (exact.below * unit.above);
    const fitting = [below - 1n, below, below + 1n, below + 2n].filter(
      (whole) => Math.fround(Number(`${whole}e${power}`)) === value,
    );
    const distances = fitting.map((whole) => distanceOf(`${whole}e${power}`, value));
    const [distance] = distances.toSorted((a, b) => compare(a, b));
    if (distance !== undefined) return { digits, distance };
  }
  throw new Error(`no nine digits give ${value} back`);
}

/** How far the number of a text is from a float. */
export function distanceOf(text: string, value: number): Fraction {
  const [mantissa = '', power = '0'] = text.split('e');
  const [whole = '', part = ''] = mantissa.split('.');
  const unit = powerOfTen(Number(power) - part.length);
  const exact = fractionOf(value);
  const difference = BigInt(whole + part) * unit.above * exact.below - exact.above * unit.below;
  return { above: difference < 0n ? -difference : difference, below: unit.below * exact.below };
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.above * b.below - b.above * a.below;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function fractionOf(value: number): Fraction {
  let [above, power] = [value, 0];
  while (!Number.isInteger(above)) [above, power] = [above * 2, power + 1];
  return { above: BigInt(above), below: 2n ** BigInt(power) };
}

// toExponential rounds: 9.99e5 with no digits after the point is 1e6.
function powerOf(value: number): number {
  return Number(value.toExponential(20).split('e')[1]);
}

function powerOfTen(power: number): Fraction {
  const size = 10n ** BigInt(Math.abs(power));
  return power < 0 ? { above: 1n, below: size } : { above: size, below: 1n };
}
