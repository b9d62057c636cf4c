const LEAST = 64 * 1024;
/** More is not asked for at once because a header says so. */
const MOST_PROMISED = 256 * 2 ** 20;

/**
 * Memory that the answers of a server are collected in, one after the other: pages of some megabytes that are allocated
 * anew each time keep the garbage collector busy.
 */
export class ByteRoom {
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * The chunks of an answer side by side. `length` is how many bytes it says it has, if it does. What was collected
   * before is overwritten, so that nothing may point to it any more; only one answer may be collected at a time.
   */
  async collect(chunks: AsyncIterable<Uint8Array>, length = 0): Promise<Buffer> {
    if (length > this.#bytes.length && length <= MOST_PROMISED) this.#bytes = Buffer.allocUnsafeSlow(length);
    let end = 0;
    for await (const chunk of chunks) {
      if (end + chunk.length > this.#bytes.length) this.#grow(end, chunk.length);
      this.#bytes.set(chunk, end);
      end += chunk.length;
    }
    return this.#bytes.subarray(0, end);
  }

  #grow(used: number, more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(LEAST, used + more, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, used));
    this.#bytes = larger;
  }
}
