const owned = new WeakSet<ArrayBufferLike>();

/** Say that nobody will use the memory behind these bytes but for who is given them, and that they are nearly all of it. */
export function markOwned(bytes: Uint8Array): void {
  owned.add(bytes.buffer);
}

/** The memory behind bytes that {@link markOwned} was said of: it may be given to another thread. */
export function ownedMemory({ buffer }: Uint8Array): ArrayBuffer | undefined {
  return owned.has(buffer) ? (buffer as ArrayBuffer) : undefined;
}
