const WORDS = 8;
const WORD = 2 ** 32;
// 2^20 words of 32 bits and a carry stay below 2^53.
const MOST_PENDING = 2 ** 20;

/** A sum of 256-bit little-endian integers modulo 2^256. */
export interface HashSum {
  /** Add a hash given as 32 characters, one a byte (`latin1`). */
  add(hash: string): void;
  /** The sum so far, 32 bytes, the least significant first. */
  bytes(): Buffer;
}

/** An empty {@link HashSum}. Carries are put off, so that adding is eight additions of doubles. */
export function createHashSum(): HashSum {
  const words = new Float64Array(WORDS);
  let pending = 0;
  return {
    add(hash) {
      for (let i = 0, at = 0; i < WORDS; i++, at += 4) {
        const word =
          hash.charCodeAt(at) |
          (hash.charCodeAt(at + 1) << 8) |
          (hash.charCodeAt(at + 2) << 16) |
          (hash.charCodeAt(at + 3) << 24);
        words[i] = (words[i] as number) + (word >>> 0);
      }
      if (++pending === MOST_PENDING) {
        carry(words);
        pending = 0;
      }
    },
    bytes() {
      carry(words);
      pending = 0;
      const sum = Buffer.alloc(WORDS * 4);
      words.forEach((word, i) => {
        sum.writeUInt32LE(word, i * 4);
      });
      return sum;
    },
  };
}

function carry(words: Float64Array): void {
  let over = 0;
  for (let i = 0; i < WORDS; i++) {
    const word = (words[i] as number) + over;
    over = Math.floor(word / WORD);
    words[i] = word - over * WORD;
  }
}
