import { hash } from 'node:crypto';
import type { VectorId } from '@vecport/abstractions';

/** The field in which providers keep what they have no place for, see `splitMetadata`. */
export const RESERVED_FIELD = '_vecport';

/** Vecport's own namespace for uuids made from identifiers. Must never change. */
const NAMESPACE = Buffer.from('6f1d3a6e0b7c4c0e9a54d1c2b7e8f903', 'hex');

/**
 * The uuid under which a point is stored where the provider takes no other identifiers: version 5 of
 * RFC 9562 of the identifier's text, the same for ever.
 */
export function uuidOfId(id: VectorId): string {
  const digest = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(id)]), 'buffer').subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
