import { bytesOf } from '../bytes-of.js';
import { KERNEL_BYTES } from './kernel-bytes.js';

/** Loops that take a fifth of their time in WebAssembly. What they give is good until the next call of any of them. */
export interface Kernels {
  /** The bytes of the encoding BYTE_STREAM_SPLIT, or `undefined` where these are too many. */
  splitBytes(values: Float32Array): Uint8Array | undefined;
  /** The inverse: `source` has four bytes for each of `values`. Gives false, and does nothing, where it has not, or too many. */
  joinBytes(source: Uint8Array, values: Float32Array): boolean;
  /**
   * A byte for each of the texts that `rows + 1` offsets into `bytes` tell: 1 where `isCanonicalJson` says yes if it is UTF-8, which
   * is not looked at. `undefined` where they are too many.
   */
  markCanonical(bytes: Uint8Array, offsets: Uint32Array, rows: number): Uint8Array | undefined;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** See assembly/. Places are in its memory, which has nothing else in it. */
interface KernelModule {
  readonly memory: Memory;
  splitBytes(source: number, count: number, target: number): void;
  joinBytes(source: number, count: number, target: number): void;
  markCanonical(texts: number, bytes: number, offsets: number, rows: number, flags: number): void;
}

/** As much of the global as is used here; its types come with those of browsers. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: KernelModule };
}

/** The place 0 stands for none. */
const START = 64;
const PAGE = 1 << 16;
/** Memory that has grown stays. */
const MOST_BYTES = 1 << 24;
/** Bytes after texts that may be read. */
const PADDING = 64;

let found: Kernels | false | undefined;

/** Those of this thread; `undefined` where there is no WebAssembly, or no room for it. */
export function kernels(): Kernels | undefined {
  found ??= instantiate() ?? false;
  return found === false ? undefined : found;
}

function instantiate(): Kernels | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyGlobal };
  if (WebAssembly === undefined) return undefined;
  try {
    const module = new WebAssembly.Module(Buffer.from(KERNEL_BYTES, 'base64'));
    return new KernelCalls(new WebAssembly.Instance(module).exports);
  } catch {
    return undefined;
  }
}

class KernelCalls implements Kernels {
  readonly #module: KernelModule;
  #bytes: Uint8Array;

  constructor(module: KernelModule) {
    this.#module = module;
    this.#bytes = new Uint8Array(module.memory.buffer);
  }

  splitBytes(values: Float32Array): Uint8Array | undefined {
    const { length, byteLength } = values;
    const target = START + byteLength;
    if (!this.#reserve(target + byteLength)) return undefined;
    this.#put(values, START);
    this.#module.splitBytes(START, length, target);
    return this.#bytes.subarray(target, target + byteLength);
  }

  joinBytes(source: Uint8Array, values: Float32Array): boolean {
    const { length, byteLength } = values;
    const target = START + byteLength;
    if (source.length < byteLength || !this.#reserve(target + byteLength)) return false;
    this.#put(source.subarray(0, byteLength), START);
    this.#module.joinBytes(START, length, target);
    bytesOf(values).set(this.#bytes.subarray(target, target + byteLength));
    return true;
  }

  markCanonical(bytes: Uint8Array, offsets: Uint32Array, rows: number): Uint8Array | undefined {
    const texts = bytes.subarray(offsets[0], offsets[rows]);
    const places = START + texts.length + PADDING;
    const flags = places + (rows + 1) * 4;
    if (!this.#reserve(flags + rows)) return undefined;
    this.#put(texts, START);
    this.#put(offsets.subarray(0, rows + 1), places);
    this.#module.markCanonical(START, texts.length, places, rows, flags);
    return this.#bytes.subarray(flags, flags + rows);
  }

  #put(values: Uint8Array | Uint32Array | Float32Array, at: number): void {
    this.#bytes.set(bytesOf(values), at);
  }

  #reserve(bytes: number): boolean {
    if (bytes <= this.#bytes.length) return true;
    if (bytes > MOST_BYTES) return false;
    const { memory } = this.#module;
    try {
      memory.grow(Math.ceil((bytes - this.#bytes.length) / PAGE));
    } catch {
      return false;
    }
    this.#bytes = new Uint8Array(memory.buffer);
    return true;
  }
}
