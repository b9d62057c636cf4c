const owned = new WeakSet<ArrayBufferLike>();

/** Say that nobody will use the memory behind these bytes but for who is given them, and that they are nearly all of it. */
export function markOwned(bytes: Uint8Array): void {
  owned.add(bytes.buffer);
}

/**
 * Give the memory behind these bytes back to the allocator, all of it: V8 would find out late that nobody uses it, and looks
 * through all objects for it. The bytes are gone, whoever has a view into them.
 */
export function freeMemory({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}

/** The memory behind bytes that {@link markOwned} was said of: it may be given to another thread. */
export function ownedMemory({ buffer }: Uint8Array): ArrayBuffer | undefined {
  return owned.has(buffer) ? (buffer as ArrayBuffer) : undefined;
}
