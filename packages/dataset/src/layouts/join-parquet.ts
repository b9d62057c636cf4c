import { VecportError } from '@vecport/abstractions';
import { readFooterBytes } from '../parquet/footer-reader.js';
import { MAGIC } from '../parquet/format.js';
import { LAYOUT_KEY } from '../parquet/layout.js';
import { readExactly } from '../parquet/read-exactly.js';
import { THRIFT } from '../parquet/thrift-writer.js';
import type { ByteSink, ByteSource } from '../part-codec.js';
import {
  fieldOf,
  numberOf,
  readTree,
  structsOf,
  type ThriftTree,
  type TreeField,
  withFields,
  writeTree,
} from './thrift-tree.js';

/** How files are joined. */
export interface JoinOptions {
  /** Entries for the key-value metadata of the file, instead of those of the same keys. */
  readonly keyValues?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told all bytes of each file in their order, so that they can be summed up. */
  readonly onBytes?: ((file: number, bytes: Uint8Array) => void) | undefined;
}

/** What a joined file holds. */
export interface JoinedFile {
  readonly rows: number;
  readonly bytes: number;
}

const COPY_BYTES = 4 << 20;
const WHAT = 'the footer';

/**
 * Write Parquet files of the same columns as one, their rows in the order of the files: row groups are copied as they
 * are, without decoding a page, and the footer is written with their new places. What the footer says besides is that
 * of the first file. Memory: 4 MiB and the footers.
 * @throws VecportError `corrupt-data` where one is no Parquet file, `invalid-argument` when their columns differ or there
 * is none. What `sources` and `sink` throw passes through.
 */
export async function joinParquet(
  sources: readonly ByteSource[],
  sink: ByteSink,
  options: JoinOptions = {},
): Promise<JoinedFile> {
  const groups: ThriftTree[] = [];
  let first: ThriftTree | undefined;
  let rows = 0;
  let end = MAGIC.length;
  await sink([MAGIC]);
  for (const [index, source] of sources.entries()) {
    options.signal?.throwIfAborted();
    const footer = await readFooterBytes(source);
    const tree = readTree(footer, WHAT);
    first ??= tree;
    checkSame(first, tree, index);
    const moved = end - MAGIC.length;
    for (const group of structsOf(tree, 4, WHAT)) groups.push(movedGroup(group, moved, groups.length));
    rows += numberOf(tree, 3, WHAT);
    end += await copyGroups(source, footer, index, sink, options);
  }
  if (first === undefined) throw new VecportError('invalid-argument', 'There is no file to join.');
  const metadata = writeTree(joinedFooter(first, groups, rows, options.keyValues ?? {}));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  await sink([metadata, length, MAGIC]);
  return { rows, bytes: end + metadata.length + 8 };
}

/** Copies what stands between the first bytes and the footer. Gives its length. */
async function copyGroups(
  source: ByteSource,
  footer: Uint8Array,
  index: number,
  sink: ByteSink,
  { signal, onBytes }: JoinOptions,
): Promise<number> {
  const end = source.size - footer.length - 8;
  onBytes?.(index, MAGIC);
  for (let at = MAGIC.length; at < end; at += COPY_BYTES) {
    signal?.throwIfAborted();
    const bytes = await readExactly(source, at, Math.min(end, at + COPY_BYTES));
    onBytes?.(index, bytes);
    await sink([bytes]);
  }
  onBytes?.(index, footer);
  if (onBytes !== undefined) onBytes(index, await readExactly(source, source.size - 8, source.size));
  return end - MAGIC.length;
}

function joinedFooter(
  first: ThriftTree,
  groups: readonly ThriftTree[],
  rows: number,
  keyValues: Readonly<Record<string, string>>,
): ThriftTree {
  const wanted = Object.entries(keyValues);
  const known = fieldOf(first, 5) === undefined ? [] : structsOf(first, 5, WHAT);
  const kept = known.filter((entry) => !wanted.some(([key]) => key === textOf(entry, 1)));
  const entries = [...kept, ...wanted.map(([key, value]) => [textField(1, key), textField(2, value)])];
  return withFields(first, [
    { id: 3, type: THRIFT.I64, value: rows },
    { id: 4, type: THRIFT.LIST, value: { type: THRIFT.STRUCT, values: groups } },
    ...(entries.length === 0 ? [] : [{ id: 5, type: THRIFT.LIST, value: { type: THRIFT.STRUCT, values: entries } }]),
  ]);
}

/** A row group whose bytes stand `moved` bytes later than they did. */
function movedGroup(group: ThriftTree, moved: number, ordinal: number): ThriftTree {
  const chunks = structsOf(group, 1, WHAT).map((chunk) => {
    if (fieldOf(chunk, 1) !== undefined)
      throw new VecportError('not-supported', 'The Parquet file keeps a column in another file.');
    const metadata = fieldOf(chunk, 3);
    const inner = Array.isArray(metadata) ? movedFields(metadata as ThriftTree, [9, 10, 11, 14], moved) : undefined;
    const outer = movedFields(chunk, [2, 4, 6], moved);
    return inner === undefined ? outer : withFields(outer, [{ id: 3, type: THRIFT.STRUCT, value: inner }]);
  });
  const placed = withFields(movedFields(group, [5], moved), [
    { id: 1, type: THRIFT.LIST, value: { type: THRIFT.STRUCT, values: chunks } },
  ]);
  // A 16-bit number, which a file of more row groups has no place for; readers do not need it.
  if (ordinal > 0x7fff) return placed.filter(({ id }) => id !== 7);
  return fieldOf(placed, 7) === undefined ? placed : withFields(placed, [{ id: 7, type: THRIFT.I16, value: ordinal }]);
}

/** Places in the file; 0 stands for none. */
function movedFields(tree: ThriftTree, ids: readonly number[], moved: number): ThriftTree {
  return tree.map((field): TreeField => {
    const { id, value } = field;
    return ids.includes(id) && typeof value === 'number' && value > 0 ? { ...field, value: value + moved } : field;
  });
}

function checkSame(first: ThriftTree, tree: ThriftTree, index: number): void {
  if (isSameField(first, tree, 2) && layoutOf(first) === layoutOf(tree)) return;
  throw new VecportError('invalid-argument', `The columns of file ${index} are not those of the first file.`, {
    advice: 'Join only files that were written with the same columns.',
  });
}

function isSameField(a: ThriftTree, b: ThriftTree, id: number): boolean {
  const bytes = [a, b].map((tree) => writeTree(tree.filter((field) => field.id === id)));
  return Buffer.compare(bytes[0] ?? new Uint8Array(), bytes[1] ?? new Uint8Array()) === 0;
}

/** What our own files say of their vectors. */
function layoutOf(footer: ThriftTree): string | undefined {
  const entries = fieldOf(footer, 5) === undefined ? [] : structsOf(footer, 5, WHAT);
  const own = entries.find((entry) => textOf(entry, 1) === LAYOUT_KEY);
  return own && textOf(own, 2);
}

function textOf(entry: ThriftTree, id: number): string | undefined {
  const value = fieldOf(entry, id);
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
}

function textField(id: number, text: string): TreeField {
  return { id, type: THRIFT.BINARY, value: Buffer.from(text) };
}
