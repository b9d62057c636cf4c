import { isIdOfKind, VecportError, type VectorId } from '@vecport/abstractions';
import { uuidOfId } from '@vecport/wire';
import { PROVIDER } from './config.js';

/** The uuid of no bits: before all others, so that a read that begins after it would miss it. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** The uuid a point is stored under: its own, or one made of its identifier. */
export function uuidOf(id: VectorId): string {
  return isIdOfKind(id, 'uuid') ? id : uuidOfId(id);
}

/** Whether the point is stored under another identifier than its own. */
export function isMapped(id: VectorId): boolean {
  return !isIdOfKind(id, 'uuid');
}

/**
 * The identifier kept beside an object, checked against the uuid it is stored under.
 * @throws VecportError `corrupt-data` when they do not belong together.
 */
export function originalId(id: string, uuid: string): VectorId {
  if (uuidOf(id) === uuid) return id;
  throw new VecportError('corrupt-data', `The object ${uuid} says it is the point '${id}', which belongs elsewhere.`, {
    provider: PROVIDER,
    advice: 'Somebody copied it under another uuid: delete it, or write the point again.',
  });
}
