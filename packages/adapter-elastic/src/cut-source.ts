import { type BatchBuilder, type JsonReader, RESERVED_FIELD } from '@vecport/wire';
import { readVector } from './read-vector.js';
import { isTree, type VectorField, type VectorTree } from './vector-fields.js';

/** A document without its vectors. */
export interface CutSource {
  /** JSON text of an object. */
  readonly native: Uint8Array;
  /** The text of the reserved field. */
  readonly reserved: string | undefined;
}

/** What becomes of a document's vectors. */
export interface CutOptions {
  readonly tree: VectorTree;
  /** Gets the vectors, in the row begun last; without it they are left out unread. */
  readonly builder: BatchBuilder | undefined;
  /** The document may have the reserved field. */
  readonly reserved: boolean;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Read `_source` at the reader's position: vectors go into the builder, everything else stays as the server sent it. The
 * bytes around what is left are overwritten (with its brackets) where it is in one piece, so they must belong to the
 * caller and not be read again.
 */
export function cutSource(reader: JsonReader, options: CutOptions): CutSource {
  const runs: Run[] = [];
  let reserved: string | undefined;
  let run: Run | undefined;
  reader.enterObject();
  for (let at = keyStart(reader); ; at = keyStart(reader)) {
    const key = reader.nextKey();
    if (key === undefined) break;
    const entry = options.tree.get(key);
    if (options.reserved && key === RESERVED_FIELD) {
      reserved = reservedText(reader);
      run = undefined;
    } else if (entry === undefined) {
      reader.skip();
      if (run === undefined) {
        run = { start: at, end: 0, replaced: undefined };
        runs.push(run);
      }
      run.end = reader.position;
    } else {
      run = undefined;
      const inner = cutEntry(reader, entry, options);
      if (inner !== undefined) runs.push({ start: at, end: 0, replaced: { key, inner } });
    }
  }
  return { native: joined(reader.bytes, runs), reserved };
}

interface Run {
  readonly start: number;
  end: number;
  /** An object that lost a vector, with its key, instead of the bytes. */
  readonly replaced: { readonly key: string; readonly inner: Uint8Array } | undefined;
}

/** What is left of an object with vectors in it; `undefined` for a vector. */
function cutEntry(reader: JsonReader, entry: VectorField | VectorTree, options: CutOptions): Uint8Array | undefined {
  if (!isTree(entry)) {
    const { builder } = options;
    if (builder === undefined) reader.skip();
    else readVector(reader, entry, () => builder.dense(entry.name));
    return undefined;
  }
  // A list of objects has no single vector: it is left as it is.
  if (reader.peek() !== 'object') return reader.raw();
  return cutSource(reader, { ...options, tree: entry, reserved: false }).native.slice();
}

// Where the next key begins: after white space and the comma.
function keyStart(reader: JsonReader): number {
  let at = reader.position;
  for (let byte = reader.bytes[at]; byte !== undefined && (byte <= 0x20 || byte === 0x2c); byte = reader.bytes[++at]);
  return at;
}

function joined(bytes: Uint8Array, runs: readonly Run[]): Uint8Array {
  const [first] = runs;
  if (first === undefined) return Buffer.from('{}');
  if (runs.length > 1 || first.replaced !== undefined)
    return Buffer.from(`{${runs.map((run) => textOf(bytes, run)).join(',')}}`);
  bytes[first.start - 1] = OPEN;
  bytes[first.end] = CLOSE;
  return bytes.subarray(first.start - 1, first.end + 1);
}

function textOf(bytes: Uint8Array, { start, end, replaced }: Run): string {
  if (replaced === undefined) return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  return `${JSON.stringify(replaced.key)}:${Buffer.from(replaced.inner).toString()}`;
}

function reservedText(reader: JsonReader): string | undefined {
  let text: string | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'text') text = reader.text();
    else reader.skip();
  }
  return text;
}
