/** More are in use at once by nobody who gives them back. */
const MOST_FREE = 8;

/** Memory for messages of about the same size, used again. */
export interface BytePool {
  /** At least this many bytes, whose contents do not matter. */
  take(length: number): Uint8Array;
  /** Give memory back that `take` gave, or a view from its start: it is not read any more. */
  give(bytes: Uint8Array): void;
}

/** An empty {@link BytePool}. Memory that is never given back is garbage like any other. */
export function bytePool(): BytePool {
  const free: Uint8Array[] = [];
  return {
    take: (length) => {
      const at = free.findIndex((bytes) => bytes.length >= length);
      const [found] = at < 0 ? [] : free.splice(at, 1);
      // The next message is seldom of the very same size.
      return found ?? new Uint8Array(length + (length >> 3));
    },
    give: (bytes) => {
      // The smallest goes: pages grow to a size and stay there.
      free.push(new Uint8Array(bytes.buffer));
      if (free.length <= MOST_FREE) return;
      free.sort((a, b) => b.length - a.length).pop();
    },
  };
}
