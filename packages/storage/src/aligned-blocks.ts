/** What is used of it here: the types of Node leave it out. */
declare const WebAssembly: {
  readonly Memory: new (pages: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
};

/** Bytes of a block, a multiple of any sector and any page of memory. */
export const BLOCK_BYTES = 2 ** 20;
const MOST_BLOCKS = 8;

/** Of WebAssembly, as that begins at a page of the processor, which nothing else in JavaScript promises. */
let memory: ArrayBuffer | undefined;
let made = 0;
const free: Uint8Array[] = [];

/**
 * Memory that a disk can read by itself, to be given back to {@link giveBlock}. `undefined` when all of it is used, or the
 * process may not have it.
 */
export function takeBlock(): Uint8Array | undefined {
  const known = free.pop();
  if (known !== undefined || made === MOST_BLOCKS) return known;
  memory ??= alignedMemory();
  if (memory === undefined) return undefined;
  return new Uint8Array(memory, made++ * BLOCK_BYTES, BLOCK_BYTES);
}

/** Have a block that is used no more. */
export function giveBlock(block: Uint8Array): void {
  free.push(block);
}

/** Takes no memory where nothing was written yet. A limit of the process on addresses can forbid it. */
function alignedMemory(): ArrayBuffer | undefined {
  const pages = (MOST_BLOCKS * BLOCK_BYTES) / 2 ** 16;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}
