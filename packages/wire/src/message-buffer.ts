import { GRPC_STATUS, GrpcError } from './grpc-status.js';

const PREFIX = 5;
/** More than any server sends in one message; a length beyond it is not one. */
const MOST = 2 ** 31 - 1;

/** Gives memory of at least this many bytes, whose contents do not matter. */
export type AllocateBytes = (length: number) => Uint8Array;

/** Collects the chunks of one length-prefixed gRPC message in a buffer that is allocated once. */
export class MessageBuffer {
  readonly #prefix = Buffer.alloc(PREFIX);
  readonly #give: AllocateBytes;
  #seen = 0;
  #bytes: Uint8Array | undefined;

  constructor(allocate: AllocateBytes = (length) => new Uint8Array(length)) {
    this.#give = allocate;
  }

  /** Add a chunk. @throws GrpcError when it is compressed, too long or more than one message. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (this.#seen < PREFIX && at < chunk.length) this.#prefix[this.#seen++] = chunk[at++] ?? 0;
    if (this.#seen < PREFIX) return;
    this.#bytes ??= this.#allocate();
    const rest = chunk.length - at;
    const start = this.#seen - PREFIX;
    if (start + rest > this.#bytes.length) throw internal('The answer has more than one message.');
    this.#bytes.set(at === 0 ? chunk : chunk.subarray(at), start);
    this.#seen += rest;
  }

  /** The whole message. @throws GrpcError when it is not whole. */
  message(): Uint8Array {
    if (this.#seen < PREFIX || this.#bytes === undefined || this.#seen - PREFIX !== this.#bytes.length) {
      throw new GrpcError(GRPC_STATUS.UNAVAILABLE, 'The answer ended before its message did.');
    }
    return this.#bytes;
  }

  #allocate(): Uint8Array {
    if (this.#prefix[0] !== 0) throw internal('The answer is compressed, which was not offered.');
    const length = this.#prefix.readUInt32BE(1);
    if (length > MOST) throw internal(`The answer says it has ${length} bytes.`);
    return this.#give(length).subarray(0, length);
  }
}

function internal(details: string): GrpcError {
  return new GrpcError(GRPC_STATUS.INTERNAL, details);
}
