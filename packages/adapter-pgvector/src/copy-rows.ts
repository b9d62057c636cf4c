import { corruptRows } from './errors.js';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
const HAS_OIDS = 1 << 16;

/**
 * Finds the rows in the bytes of PostgreSQL's binary COPY format, which come in pieces of any size: push a piece,
 * then ask for rows until there is none. The fields of a row are ranges of `bytes` and hold until the next push.
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export class CopyRows {
  /** The bytes the present row is in. */
  bytes: Buffer = Buffer.alloc(0);
  /** Where the fields of the present row begin. */
  readonly starts: Int32Array;
  /** How long they are; −1 for NULL. */
  readonly lengths: Int32Array;
  /** Rows given so far. */
  count = 0;
  #at = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #needed = HEADER_BYTES;
  #hasHeader = false;
  #hasTrailer = false;

  constructor(readonly fields: number) {
    this.starts = new Int32Array(fields);
    this.lengths = new Int32Array(fields);
  }

  /** Add the next piece. */
  push(piece: Buffer): void {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    // A row of many pieces is put together once, when all of it is there.
    if (this.#unread() + this.#waitingBytes < this.#needed) return;
    const rest = this.bytes.subarray(this.#at);
    this.bytes = rest.length === 0 && this.#waiting.length === 1 ? piece : Buffer.concat([rest, ...this.#waiting]);
    this.#at = 0;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /**
   * Go to the next row. False when it is not there as a whole yet.
   * @throws VecportError `corrupt-data` for bytes that are not rows of so many fields.
   */
  next(): boolean {
    if (!this.#hasHeader && !this.#header()) return false;
    if (this.#waitingBytes > 0 || !this.#has(2)) return false;
    const found = this.bytes.readInt16BE(this.#at);
    if (found === -1) return this.#trailer();
    if (this.#hasTrailer) throw corruptRows('there is something after their end');
    if (found !== this.fields) throw corruptRows(`a row has ${found} fields instead of ${this.fields}`);
    return this.#row();
  }

  /** @throws VecportError `corrupt-data` when what was pushed does not end where rows end. */
  end(): void {
    if (this.#hasTrailer && this.#unread() + this.#waitingBytes === 0) return;
    throw corruptRows(this.#hasTrailer ? 'there is something after their end' : 'they end in the middle');
  }

  #row(): boolean {
    let at = this.#at + 2;
    for (let field = 0; field < this.fields; field++) {
      if (!this.#has(at + 4 - this.#at)) return false;
      const length = this.bytes.readInt32BE(at);
      if (length < -1) throw corruptRows(`a field is ${length} bytes long`);
      at += 4;
      this.starts[field] = at;
      this.lengths[field] = length;
      at += Math.max(0, length);
      if (!this.#has(at - this.#at)) return false;
    }
    this.#at = at;
    this.#needed = 0;
    this.count += 1;
    return true;
  }

  #header(): boolean {
    if (this.#waitingBytes > 0 || !this.#has(HEADER_BYTES)) return false;
    if (!this.bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw corruptRows('they do not begin like rows');
    if ((this.bytes.readUInt32BE(SIGNATURE.length) & HAS_OIDS) !== 0) throw corruptRows('they carry object ids');
    const extension = this.bytes.readUInt32BE(SIGNATURE.length + 4);
    if (!this.#has(HEADER_BYTES + extension)) return false;
    this.#at = HEADER_BYTES + extension;
    this.#hasHeader = true;
    this.#needed = 0;
    return true;
  }

  #trailer(): false {
    if (this.#hasTrailer) throw corruptRows('they end twice');
    this.#at += 2;
    this.#hasTrailer = true;
    return false;
  }

  #has(bytes: number): boolean {
    if (this.#unread() >= bytes) return true;
    this.#needed = bytes;
    return false;
  }

  #unread(): number {
    return this.bytes.length - this.#at;
  }
}
