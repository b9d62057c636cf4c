/** More are in use at once by nobody who gives them back. */
const MOST_FREE = 8;

/** Memory for messages of about the same size, used again. */
export interface BytePool {
  /** At least this many bytes, whose contents do not matter. */
  take(length: number): Uint8Array;
  /** Give back memory that `take` gave, or a view of it: it is not read any more. Other memory is left alone. */
  give(bytes: Uint8Array): void;
}

/** An empty {@link BytePool}. Memory that is never given back is garbage like any other. */
export function bytePool(): BytePool {
  const free: Uint8Array[] = [];
  const lent = new WeakSet<ArrayBufferLike>();
  return {
    take: (length) => {
      const at = free.findIndex((bytes) => bytes.length >= length);
      const [found] = at < 0 ? [] : free.splice(at, 1);
      // The next message is seldom of the very same size.
      const bytes = found ?? new Uint8Array(length + (length >> 3));
      lent.add(bytes.buffer);
      return bytes;
    },
    give: ({ buffer }) => {
      if (!lent.delete(buffer)) return;
      free.push(new Uint8Array(buffer));
      // The smallest goes: pages grow to a size and stay there.
      if (free.length > MOST_FREE) free.sort((a, b) => b.length - a.length).pop();
    },
  };
}
