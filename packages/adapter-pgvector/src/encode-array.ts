/** Type ids of PostgreSQL's own types. */
export const TYPE_IDS = { text: 25, json: 114 } as const;

/**
 * A one-dimensional array in PostgreSQL's binary format: `undefined` is NULL, anything else the element in its own
 * binary format.
 */
export function encodeArray(elementType: number, elements: readonly (Uint8Array | undefined)[]): Buffer {
  const bytes = elements.reduce((sum, element) => sum + 4 + (element?.length ?? 0), 0);
  const into = Buffer.allocUnsafe(20 + bytes);
  into.writeInt32BE(1, 0);
  into.writeInt32BE(elements.includes(undefined) ? 1 : 0, 4);
  into.writeUInt32BE(elementType, 8);
  into.writeInt32BE(elements.length, 12);
  into.writeInt32BE(1, 16);
  let at = 20;
  for (const element of elements) {
    at = into.writeInt32BE(element?.length ?? -1, at);
    if (element === undefined) continue;
    into.set(element, at);
    at += element.length;
  }
  return into;
}
