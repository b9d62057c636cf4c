/** Collects bytes up to the size of a part, in memory that grows with them. */
export interface PartBuffer {
  readonly length: number;
  readonly isFull: boolean;
  /** Copy as many bytes as there is room for; gives their number. */
  take(bytes: Uint8Array): number;
  /** What was taken, in place: valid as long as nothing more is taken. */
  bytes(): Uint8Array;
}

const FIRST_BYTES = 1 << 18;

/** An empty buffer for a part of `capacity` bytes. */
export function partBuffer(capacity: number): PartBuffer {
  let memory: Buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, capacity));
  let length = 0;
  return {
    get length() {
      return length;
    },
    get isFull() {
      return length === capacity;
    },
    take(bytes) {
      const count = Math.min(bytes.byteLength, capacity - length);
      if (length + count > memory.length) memory = grown(memory, length, length + count, capacity);
      memory.set(count === bytes.byteLength ? bytes : bytes.subarray(0, count), length);
      length += count;
      return count;
    },
    bytes: () => memory.subarray(0, length),
  };
}

function grown(memory: Buffer, used: number, needed: number, capacity: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(capacity, Math.max(needed, memory.length * 2)));
  memory.copy(larger, 0, 0, used);
  return larger;
}
