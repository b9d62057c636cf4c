import type { IndexDescription } from '@vecport/abstractions';

/**
 * A whole number among the parameters of an index, where it is one that a server takes; `undefined` where the
 * description does not say it, or says what another provider's index has and this one's cannot have.
 */
export function indexNumber(
  index: IndexDescription | undefined,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = index?.parameters?.[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}
