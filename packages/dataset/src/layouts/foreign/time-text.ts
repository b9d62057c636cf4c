import type { ParquetParsers, SchemaElement } from 'hyparquet';

/** Parsers that turn times into ISO 8601 with all of their digits; with `Z` where the column says they are in UTC. */
export function timeParsers(element: SchemaElement | undefined): Partial<ParquetParsers> {
  const logical = element?.logical_type;
  const zone = logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC ? '' : 'Z';
  const text = (value: bigint, perSecond: bigint, digits: number): string => {
    const fraction = ((value % perSecond) + perSecond) % perSecond;
    const seconds = Number((value - fraction) / perSecond);
    const whole = new Date(seconds * 1000).toISOString().replace(/\.000Z$/, '');
    return `${whole}.${fraction.toString().padStart(digits, '0')}${zone}`;
  };
  const optional =
    <T>(parse: (value: T) => string) =>
    (value: T): string | undefined =>
      value === undefined || value === null ? undefined : parse(value);
  return {
    timestampFromMilliseconds: optional((value: bigint) => text(BigInt(value), 1000n, 3)),
    timestampFromMicroseconds: optional((value: bigint) => text(BigInt(value), 1_000_000n, 6)),
    timestampFromNanoseconds: optional((value: bigint) => text(BigInt(value), 1_000_000_000n, 9)),
    dateFromDays: optional((days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10)),
  };
}
