const PRECISIONS = [6, 7, 8, 9] as const;
/** Below the least normal float32, fewer digits tell neighbours apart. */
const PRECISIONS_OF_DENORMALS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const LEAST_NORMAL = 2 ** -126;

/**
 * The shortest decimal that rounds back to this float32, as a JSON number. `withFraction` prints whole
 * numbers as `1.0`, for servers that take a number without a point for an integer.
 * @throws RangeError for a value that is not finite, which JSON has no place for.
 */
export function floatText(value: number, withFraction = false): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a JSON number`);
  if (Object.is(value, -0)) return '-0.0';
  const text = shortest(Math.fround(value));
  return withFraction && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function shortest(value: number): string {
  // Whole numbers up to 2^24 are their own shortest text, and common.
  if (Number.isInteger(value) && Math.abs(value) <= 0x100_0000) return String(value);
  for (const digits of Math.abs(value) < LEAST_NORMAL ? PRECISIONS_OF_DENORMALS : PRECISIONS) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(value);
}
