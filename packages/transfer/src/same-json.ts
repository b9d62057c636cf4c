import { stringifyJson } from '@vecport/abstractions';
import { canonicalJson } from '@vecport/dataset';

/** Whether two values are the same as JSON, whatever the order of their keys. */
export function sameJson(left: unknown, right: unknown): boolean {
  return Buffer.compare(canonical(left), canonical(right)) === 0;
}

function canonical(value: unknown): Uint8Array {
  return canonicalJson(Buffer.from(stringifyJson(value)));
}
