import type { DenseColumn, MultiColumn, SparseColumn } from '@vecport/abstractions';
import { corrupt } from './corrupt.js';
import { joinFloats } from './float-streams.js';
import { ENCODING, MAX_PAGE_BYTES } from './format.js';
import { readListRows, readNestedRows } from './level-reader.js';
import { fullListLevels, type Levels } from './levels.js';
import { freePage, type Page } from './page-reader.js';
import type { PageRows } from './page-rows.js';

/**
 * A decoder of pages of dense vectors. A page without missing rows is recognised by its levels, which
 * are the same for every page of as many rows, and its floats are the column as they are.
 */
export function denseDecoder(dimension: number): (page: Page) => PageRows<DenseColumn> {
  let full: { readonly rows: number; readonly levels: Levels } | undefined;
  return (page) => {
    if (page.rows * dimension * 4 > MAX_PAGE_BYTES)
      throw corrupt(`${page.place}: ${page.rows} rows are too many for one page.`);
    if (full?.rows !== page.rows) full = { rows: page.rows, levels: fullListLevels(page.rows, dimension) };
    if (isSame(page.levels, full.levels)) return denseRows(page.rows, dimension, decodeFloats(page));
    const { missing, offsets } = readListRows(page);
    const values = spread(page, dimension, missing, offsets);
    return denseRows(page.rows, dimension, values, missing);
  };
}

/** A decoder of pages of multi vectors. @throws VecportError `corrupt-data`. */
export function multiDecoder(dimension: number): (page: Page) => PageRows<MultiColumn> {
  return (page) => {
    const { missing, offsets } = readNestedRows(page, dimension);
    const values = decodeFloats(page);
    return {
      rows: page.rows,
      slice: (start, end) => ({
        kind: 'multi',
        dimension,
        offsets: rebase(offsets, start, end),
        values: values.subarray((offsets[start] ?? 0) * dimension, (offsets[end] ?? 0) * dimension),
        missing: missing?.subarray(start, end),
      }),
    };
  };
}

/** Sparse vectors from their page of indices and their page of values. @throws VecportError `corrupt-data`. */
export function decodeSparse(indexPage: Page, valuePage: Page): PageRows<SparseColumn> {
  if (!isSame(indexPage.levels, valuePage.levels))
    throw corrupt(`${valuePage.place}: its rows are not those of the indices.`);
  const { missing, offsets } = readListRows(valuePage);
  const values = decodeFloats(valuePage);
  const indices = decodeIndices(indexPage);
  return {
    rows: valuePage.rows,
    slice: (start, end) => ({
      kind: 'sparse',
      offsets: rebase(offsets, start, end),
      indices: indices.subarray(offsets[start], offsets[end]),
      values: values.subarray(offsets[start], offsets[end]),
      missing: missing?.subarray(start, end),
    }),
  };
}

function denseRows(rows: number, dimension: number, values: Float32Array, missing?: Uint8Array): PageRows<DenseColumn> {
  return {
    rows,
    slice: (start, end) => ({
      kind: 'dense',
      dimension,
      values: values.subarray(start * dimension, end * dimension),
      missing: missing?.subarray(start, end),
    }),
  };
}

/** The floats of the rows that have some, with zeros for the others. */
function spread(page: Page, dimension: number, missing: Uint8Array | undefined, offsets: Uint32Array): Float32Array {
  const present = decodeFloats(page);
  const values = new Float32Array(page.rows * dimension);
  for (let row = 0; row < page.rows; row++) {
    if (missing?.[row] === 1) continue;
    const start = offsets[row] ?? 0;
    const end = offsets[row + 1] ?? 0;
    if (end - start !== dimension)
      throw corrupt(`${page.place}: a vector has ${end - start} floats instead of ${dimension}.`);
    values.set(present.subarray(start, end), row * dimension);
  }
  return values;
}

function decodeFloats(page: Page): Float32Array {
  checkWords(page);
  const count = page.data.length / 4;
  if (page.encoding === ENCODING.PLAIN) {
    const bytes = ownedBytes(page);
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  }
  const values = new Float32Array(Buffer.allocUnsafeSlow(count * 4).buffer);
  joinFloats(page.data, values);
  freePage(page);
  return values;
}

function decodeIndices(page: Page): Uint32Array {
  checkWords(page);
  const bytes = ownedBytes(page);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, page.data.length / 4);
}

/** The page's data where it can be kept and read as words: itself or a copy. */
function ownedBytes(page: Page): Uint8Array {
  return page.owned && page.data.byteOffset % 4 === 0 ? page.data : new Uint8Array(page.data);
}

function checkWords(page: Page): void {
  const expected = (page.levels.values - page.levels.nulls) * 4;
  if (page.data.length !== expected)
    throw corrupt(`${page.place}: it has ${page.data.length} bytes of values instead of ${expected}.`);
}

function rebase(offsets: Uint32Array, start: number, end: number): Uint32Array {
  const first = offsets[start] ?? 0;
  const part = offsets.slice(start, end + 1);
  for (let i = 0; i < part.length; i++) part[i] = (part[i] ?? 0) - first;
  return part;
}

function isSame(a: Levels, b: Levels): boolean {
  return (
    a.values === b.values &&
    a.nulls === b.nulls &&
    a.repetitionBytes === b.repetitionBytes &&
    Buffer.compare(a.bytes, b.bytes) === 0
  );
}
