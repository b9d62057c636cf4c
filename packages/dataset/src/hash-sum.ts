const WORDS = 8;
const WORD = 2 ** 32;
// 2^20 words of 32 bits and a carry stay below 2^53.
const MOST_PENDING = 2 ** 20;

/** A sum of 256-bit little-endian integers modulo 2^256. Carries are put off, so that adding is eight additions of doubles. */
export class HashSum {
  readonly #words = new Float64Array(WORDS);
  #pending = 0;

  /** Add a hash given as 32 characters, one a byte (`latin1`). */
  add(hash: string): void {
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) words[i] = (words[i] as number) + (wordAt(hash, i * 4) >>> 0);
    if (++this.#pending === MOST_PENDING) this.#carry();
  }

  /** The sum so far, 32 bytes, the least significant first. */
  bytes(): Buffer {
    this.#carry();
    const sum = Buffer.alloc(WORDS * 4);
    this.#words.forEach((word, i) => {
      sum.writeUInt32LE(word, i * 4);
    });
    return sum;
  }

  #carry(): void {
    let over = 0;
    this.#words.forEach((sum, i) => {
      const word = sum + over;
      over = Math.floor(word / WORD);
      this.#words[i] = word - over * WORD;
    });
    this.#pending = 0;
  }
}

/** Four characters, one a byte, as a word. */
export function wordAt(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}
