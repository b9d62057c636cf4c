import type { ByteSource, PartSchema } from '../part-codec.js';
import { corrupt } from './corrupt.js';
import { ENCODING, MAGIC, TYPE } from './format.js';
import { columnsOf, LAYOUT_KEY, rootOf } from './layout.js';
import { schemaFromLayout } from './layout-reader.js';
import { isKnownCodec } from './page-codec.js';
import { readExactly } from './read-exactly.js';
import { flatten, leavesOf, type SchemaLeaf, type SchemaNode, writeSchemaNode } from './schema-node.js';
import {
  listField,
  numberField,
  readThrift,
  sizeField,
  structField,
  structListField,
  type ThriftStruct,
  textField,
} from './thrift-reader.js';
import { ThriftWriter } from './thrift-writer.js';

/** The pages of one leaf in one row group. */
export interface ParquetChunk {
  /** Names from the top of the schema, e.g. `vector, list, element`. */
  readonly path: readonly string[];
  /** Rows of the row group. */
  readonly rows: number;
  /** Values, with nulls and empty lists. */
  readonly values: number;
  /** Bytes before compression. */
  readonly rawBytes: number;
  /** Where it stands in the file: `start .. end`. */
  readonly start: number;
  readonly end: number;
  /** Codec and encoding, as numbered in parquet.thrift. */
  readonly codec: number;
  readonly encoding: number;
}

/** A row group: its chunks in the order of the leaves. In the file they stand one behind the other, in any order. */
export interface ParquetRowGroup {
  readonly rows: number;
  readonly chunks: readonly ParquetChunk[];
}

/** What the end of a part says. */
export interface ParquetFooter {
  readonly schema: PartSchema;
  readonly rows: number;
  readonly rowGroups: readonly ParquetRowGroup[];
}

const TAIL_BYTES = 64 << 10;
/** Magic bytes at both ends and the length of the metadata. */
const FRAME_BYTES = 12;

/**
 * Read the footer of a part in the native layout and check that it fits the file: the chunks follow
 * each other from the first byte to the footer, and the columns are those of the schema.
 * @throws VecportError `corrupt-data`, also for other Parquet files; `not-supported` for a part of a
 * newer format. What `source` throws passes through.
 */
export async function readParquetFooter(source: ByteSource): Promise<ParquetFooter> {
  const metadata = await readFooterBytes(source);
  const { value } = readThrift(metadata, 'the footer');
  const schema = readSchema(value);
  const leaves = leavesOf(rootOf(columnsOf(schema)), []);
  let start = MAGIC.length;
  const rowGroups = structListField(value, 4, 'the footer').map((group, index) => {
    const rowGroup = readRowGroup(group, leaves, start, `row group ${index} in the footer`);
    start = Math.max(start, ...rowGroup.chunks.map((chunk) => chunk.end));
    return rowGroup;
  });
  const dataEnd = source.size - metadata.length - 8;
  if (start !== dataEnd) throw corrupt(`the row groups end at byte ${start} and the footer begins at byte ${dataEnd}.`);
  const rows = sizeField(value, 3, 'the footer');
  const found = rowGroups.reduce((sum, group) => sum + group.rows, 0);
  if (found !== rows) throw corrupt(`the footer says ${rows} rows and its row groups have ${found}.`);
  return { schema, rows, rowGroups };
}

/**
 * The metadata at the end of any Parquet file, without its length and the magic bytes behind it.
 * @throws VecportError `corrupt-data` where the file does not begin and end as one does.
 */
export async function readFooterBytes(source: ByteSource): Promise<Uint8Array> {
  if (source.size < FRAME_BYTES) throw corrupt(`${source.size} bytes are too few for a Parquet file.`);
  const tailStart = Math.max(0, source.size - TAIL_BYTES);
  const tail = await readExactly(source, tailStart, source.size);
  const head = tailStart === 0 ? tail : await readExactly(source, 0, MAGIC.length);
  if (!isMagic(head.subarray(0, MAGIC.length))) throw corrupt('it does not begin with PAR1.');
  if (!isMagic(tail.subarray(-MAGIC.length)))
    throw corrupt('it does not end with PAR1: it was cut off, or it is no Parquet file.');
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(tail.length - 8, true);
  if (length > source.size - FRAME_BYTES)
    throw corrupt(`a footer of ${length} bytes does not fit into ${source.size}.`);
  const start = source.size - 8 - length;
  if (start >= tailStart) return tail.subarray(start - tailStart, tail.length - 8);
  return readExactly(source, start, source.size - 8);
}

function isMagic(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, MAGIC) === 0;
}

function readSchema(footer: ThriftStruct): PartSchema {
  const elements = structListField(footer, 2, 'the footer');
  const names = elements.map((element) => textField(element, 4, 'the schema'));
  const entries = footer.has(5) ? structListField(footer, 5, 'the footer') : [];
  const entry = entries.find((pair) => textField(pair, 1, 'the key-value metadata') === LAYOUT_KEY);
  if (entry === undefined) throw corrupt(`it has no entry '${LAYOUT_KEY}', so it is not a part of a Vecport dataset.`);
  const schema = schemaFromLayout(textField(entry, 2, 'the key-value metadata'), names);
  const nodes = flatten(rootOf(columnsOf(schema)));
  nodes.forEach((node, index) => {
    const element = elements[index];
    if (element === undefined || !isElement(element, node))
      throw corrupt(`the column '${node.name}' is not in the footer as it should be.`);
  });
  if (elements.length !== nodes.length)
    throw corrupt(`the footer has ${elements.length - nodes.length} columns too many.`);
  return schema;
}

/** Whether a decoded SchemaElement says what the node would be written as. */
function isElement(element: ThriftStruct, node: SchemaNode): boolean {
  const thrift = new ThriftWriter();
  writeSchemaNode(thrift, node);
  const expected = readThrift(thrift.take(), 'the schema').value;
  return (
    isEqual(element.get(1), expected.get(1)) &&
    [3, 4, 5, 6].every((field) => isEqual(element.get(field), expected.get(field)))
  );
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}

function readRowGroup(
  group: ThriftStruct,
  leaves: readonly SchemaLeaf[],
  start: number,
  place: string,
): ParquetRowGroup {
  const rows = sizeField(group, 3, place);
  const columns = structListField(group, 1, place);
  if (rows === 0 || columns.length !== leaves.length)
    throw corrupt(`${place} has ${rows} rows and ${columns.length} columns.`);
  const chunks = leaves.map((leaf, index) =>
    readChunk(columns[index], leaf, rows, `column '${leaf.path.join('.')}' of ${place}`),
  );
  let next = start;
  for (const chunk of chunks.toSorted((a, b) => a.start - b.start)) {
    if (chunk.start !== next || chunk.end <= next)
      throw corrupt(`column '${chunk.path.join('.')}' of ${place} is at byte ${chunk.start}, not ${next}.`);
    next = chunk.end;
  }
  return { rows, chunks };
}

function readChunk(column: ThriftStruct | undefined, leaf: SchemaLeaf, rows: number, place: string): ParquetChunk {
  const metadata = structField(column ?? new Map(), 3, place);
  const path = listField(metadata, 3, place).map((name) =>
    name instanceof Uint8Array ? Buffer.from(name).toString() : '',
  );
  const codec = numberField(metadata, 4, place);
  const [levels, encoding] = listField(metadata, 2, place);
  const isKnown =
    numberField(metadata, 1, place) === leaf.type &&
    path.join('\0') === leaf.path.join('\0') &&
    isKnownCodec(codec) &&
    levels === ENCODING.RLE &&
    (encoding === ENCODING.PLAIN || (encoding === ENCODING.BYTE_STREAM_SPLIT && leaf.type === TYPE.FLOAT));
  if (!isKnown) throw corrupt(`${place} has another type, codec or encoding than this format.`);
  const start = sizeField(metadata, 9, place);
  return {
    path,
    rows,
    values: sizeField(metadata, 5, place),
    rawBytes: sizeField(metadata, 6, place),
    start,
    end: start + sizeField(metadata, 7, place),
    codec,
    encoding,
  };
}
