import { type DenseColumn, VecportError } from '@vecport/abstractions';
import { corrupt } from '../../parquet/corrupt.js';
import { joinFloats } from '../../parquet/float-streams.js';
import type { PageRows } from '../../parquet/page-rows.js';
import { sizeField, structField } from '../../parquet/thrift-reader.js';
import { decompressors } from './decompressors.js';
import type { ForeignFile, ForeignLeaf } from './foreign-parquet.js';
import { type LeafShape, type PageWindow, type RawPage, readPageWindows } from './leaf-pages.js';
import { chunkOf } from './leaf-values.js';
import { decodeRuns } from './run-lengths.js';

/** Lists of floats of some rows, one behind the other. */
export interface FloatLists {
  readonly rows: number;
  /** One more than there are rows. */
  readonly offsets: Uint32Array;
  readonly values: Float32Array;
  /** 1 for a row that is null. */
  readonly missing: Uint8Array;
}

/** Whether a leaf is a column of lists of floats, which {@link readFloatLists} reads without a number for each. */
export function isFloatList({ elements }: ForeignLeaf): boolean {
  const [column] = elements;
  const repeated = elements.filter((element) => element.repetition_type === 'REPEATED').length;
  const isList = column?.converted_type === 'LIST' || column?.logical_type?.type === 'LIST';
  const isAlone = elements.length === 1 || (isList && elements.length <= 3);
  return elements.at(-1)?.type === 'FLOAT' && repeated === 1 && isAlone;
}

/** The lists of a leaf in one row group, some pages at a time. @throws VecportError `corrupt-data`, `not-supported`. */
export async function* readFloatLists(
  file: ForeignFile,
  leaf: ForeignLeaf,
  group: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<PageRows<FloatLists>, void, undefined> {
  const { range, shape, rows: expected } = chunkOf(file, leaf, group);
  const levels = levelsOf(leaf);
  let rows = 0;
  for await (const window of readPageWindows(file.source, range, shape, signal)) {
    const lists = decodeLists(window, shape, levels);
    rows += lists.rows;
    yield { rows: lists.rows, slice: (start, end) => sliceLists(lists, start, end) };
  }
  if (rows !== expected) throw corrupt(`${shape.place} has ${rows} rows instead of ${expected}.`);
}

/** A column of vectors from their lists, which must all be of one length. @throws VecportError `dimension-mismatch`. */
export function vectorsFromFloats({ rows, offsets, values, missing }: FloatLists, place: string): DenseColumn {
  const first = missing.indexOf(0);
  const dimension = first < 0 ? 0 : (offsets[first + 1] ?? 0) - (offsets[first] ?? 0);
  for (let row = 0; row < rows; row++) {
    const size = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    if (missing[row] === 0 && size !== dimension)
      throw new VecportError('dimension-mismatch', `${place} has vectors of ${dimension} and of ${size} dimensions.`);
  }
  const base = offsets[0] ?? 0;
  if (!missing.includes(1)) return { kind: 'dense', dimension, values: values.slice(base, offsets[rows]) };
  const spread = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    if (missing[row] === 0) spread.set(values.subarray(offsets[row], offsets[row + 1]), row * dimension);
  }
  return { kind: 'dense', dimension, values: spread, missing };
}

function sliceLists({ offsets, values, missing }: FloatLists, start: number, end: number): FloatLists {
  return {
    rows: end - start,
    offsets: offsets.subarray(start, end + 1),
    values,
    missing: missing.subarray(start, end),
  };
}

interface ListLevels {
  /** Definition level of a float that is there. */
  readonly max: number;
  /** That of an element, be it null. */
  readonly element: number;
}

function levelsOf({ elements }: ForeignLeaf): ListLevels {
  const levels = elements.filter((element) => element.repetition_type !== 'REQUIRED');
  const element = levels.findIndex((own) => own.repetition_type === 'REPEATED') + 1;
  return { max: levels.length, element };
}

interface DecodedPage {
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  readonly floats: Float32Array;
}

function decodeLists({ dictionary, pages }: PageWindow, shape: LeafShape, levels: ListLevels): FloatLists {
  const words = dictionary && plainFloats(inflated(dictionary, shape), 0, dictionary.values, shape.place);
  const decoded = pages.map((page) => decodePage(page, words, shape, levels));
  const rows = decoded.reduce((sum, { repetition }) => sum + countOf(repetition, 0), 0);
  const offsets = new Uint32Array(rows + 1);
  const missing = new Uint8Array(rows);
  let row = -1;
  let size = 0;
  for (const { repetition, definition } of decoded) {
    for (let i = 0; i < repetition.length; i++) {
      if (repetition[i] === 0) offsets[++row] = size;
      const level = definition[i] ?? 0;
      if (row < 0 || (level >= levels.element && level < levels.max))
        throw corrupt(`${shape.place} has a vector with an element that is no number.`);
      if (level === levels.max) size++;
      else if (level < levels.element - 1) missing[row] = 1;
    }
  }
  offsets[rows] = size;
  const values = new Float32Array(size);
  let at = 0;
  for (const { floats } of decoded) {
    values.set(floats, at);
    at += floats.length;
  }
  return { rows, offsets, values, missing };
}

function decodePage(
  page: RawPage,
  dictionary: Float32Array | undefined,
  shape: LeafShape,
  { max }: ListLevels,
): DecodedPage {
  const { place } = shape;
  const repetition = new Uint8Array(page.values);
  const definition = new Uint8Array(page.values);
  const { bytes, at: levelsEnd, encoding } = page.type === 3 ? levelsOfV2() : levelsOfV1();
  const present = countOf(definition, max);
  return { repetition, definition, floats: floatsOf() };

  function levelsOfV1() {
    const data = inflated(page, shape);
    const header = structField(page.header, 5, place);
    let at = 0;
    for (const [target, width, field] of [
      [repetition, 1, 4],
      [definition, 32 - Math.clz32(max), 3],
    ] as const) {
      if (sizeField(header, field, place) !== 3) throw unsupported(place, 'levels');
      const length = at + 4 <= data.length ? Buffer.from(data.buffer, data.byteOffset).readUInt32LE(at) : data.length;
      const end = at + 4 + length;
      if (end > data.length) throw corrupt(`${place}: its levels go beyond the page.`);
      decodeRuns({ bytes: data, at: at + 4, end }, width, target, place);
      at = end;
    }
    return { bytes: data, at, encoding: sizeField(header, 2, place) };
  }

  function levelsOfV2() {
    const header = structField(page.header, 8, place);
    const repetitionEnd = sizeField(header, 6, place);
    const end = repetitionEnd + sizeField(header, 5, place);
    if (end > page.body.length || end > page.rawBytes) throw corrupt(`${place}: its levels go beyond the page.`);
    decodeRuns({ bytes: page.body, at: 0, end: repetitionEnd }, 1, repetition, place);
    decodeRuns({ bytes: page.body, at: repetitionEnd, end }, 32 - Math.clz32(max), definition, place);
    const stored = page.body.subarray(end);
    const isPlain = header.get(7) === false || shape.codec === 'UNCOMPRESSED';
    const bytes = isPlain ? stored : decompressed(stored, page.rawBytes - end, shape);
    return { bytes, at: 0, encoding: sizeField(header, 4, place) };
  }

  function floatsOf(): Float32Array {
    if (encoding === 0) return plainFloats(bytes, levelsEnd, present, place);
    if (encoding === 9) {
      if (bytes.length - levelsEnd !== present * 4)
        throw corrupt(`${place}: it has not the bytes of ${present} floats.`);
      const floats = new Float32Array(present);
      joinFloats(bytes.subarray(levelsEnd), floats);
      return floats;
    }
    if ((encoding !== 2 && encoding !== 8) || dictionary === undefined) throw unsupported(place, 'floats');
    const indices = new Uint32Array(present);
    const width = present === 0 ? 0 : (bytes[levelsEnd] ?? 0);
    decodeRuns({ bytes, at: levelsEnd + 1, end: bytes.length }, width, indices, place);
    return Float32Array.from(indices, (index) => {
      const float = dictionary[index];
      if (float === undefined) throw corrupt(`${place}: an index is beyond the dictionary.`);
      return float;
    });
  }
}

function plainFloats(bytes: Uint8Array, at: number, count: number, place: string): Float32Array {
  if (bytes.length - at < count * 4) throw corrupt(`${place}: it has fewer bytes than ${count} floats take.`);
  return new Float32Array(new Uint8Array(bytes.subarray(at, at + count * 4)).buffer);
}

function inflated({ body, rawBytes }: RawPage, shape: LeafShape): Uint8Array {
  return shape.codec === 'UNCOMPRESSED' ? body : decompressed(body, rawBytes, shape);
}

function decompressed(bytes: Uint8Array, length: number, { codec, place }: LeafShape): Uint8Array {
  try {
    const output = decompressors[codec]?.(bytes, length);
    if (output !== undefined) return output;
  } catch (error) {
    throw corrupt(`${place}: a page cannot be decompressed.`, error);
  }
  throw unsupported(place, `pages compressed with ${codec}`);
}

function countOf(levels: Uint8Array, level: number): number {
  let count = 0;
  for (const own of levels) if (own === level) count++;
  return count;
}

function unsupported(place: string, what: string): VecportError {
  return new VecportError('not-supported', `${place} has ${what} in a form that is not read.`, {
    advice: 'Write the file again with a current tool.',
  });
}
