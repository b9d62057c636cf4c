import { isUtf8 } from 'node:buffer';
import type { MetadataColumn, VectorId } from '@vecport/abstractions';
import { areUtf8 } from '../utf8-rows.js';
import { corrupt } from './corrupt.js';
import { checkRequired, readOptionalRows } from './level-reader.js';
import { freePage, type Page } from './page-reader.js';
import type { PageRows } from './page-rows.js';

/** Ids of a page. @throws VecportError `corrupt-data`. */
export function decodeIds(page: Page): PageRows<readonly VectorId[]> {
  checkRequired(page);
  const data = bufferOf(page.data);
  const ids: VectorId[] = [];
  let at = 0;
  for (let row = 0; row < page.rows; row++) {
    const end = endOfText(page, data, at);
    const id = data.toString('utf8', at + 4, end);
    if (id.includes('\ufffd') && !isUtf8(data.subarray(at + 4, end)))
      throw corrupt(`${page.place}: an id is not UTF-8.`);
    ids.push(id);
    at = end;
  }
  checkUsedUp(page, at);
  freePage(page);
  return { rows: page.rows, slice: (start, end) => ids.slice(start, end) };
}

/** Metadata of a page, without the lengths that stand between the texts. @throws VecportError `corrupt-data`. */
export function decodeMetadata(page: Page): PageRows<MetadataColumn> {
  const { bytes, offsets, missing } = decodeBytes(page);
  if (!areUtf8(bytes, offsets, page.rows)) throw corrupt(`${page.place}: a text is not UTF-8.`);
  return {
    rows: page.rows,
    slice: (start, end) => ({
      bytes,
      offsets: offsets.subarray(start, end + 1),
      missing: missing?.subarray(start, end),
    }),
  };
}

/** The values of an optional column of bytes, one behind the other. @throws VecportError `corrupt-data`. */
export function decodeBytes(page: Page): MetadataColumn {
  const { missing } = readOptionalRows(page);
  const data = bufferOf(page.data);
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(data.length).buffer);
  const offsets = new Uint32Array(page.rows + 1);
  let at = 0;
  let length = 0;
  for (let row = 0; row < page.rows; row++) {
    if (missing?.[row] !== 1) {
      const end = endOfText(page, data, at);
      bytes.set(data.subarray(at + 4, end), length);
      length += end - at - 4;
      at = end;
    }
    offsets[row + 1] = length;
  }
  checkUsedUp(page, at);
  freePage(page);
  return { bytes: bytes.subarray(0, length), offsets, missing };
}

/** Times of a page; null is NaN. @throws VecportError `corrupt-data`. */
export function decodeTimes(page: Page): PageRows<Float64Array> {
  const { missing, offsets } = readOptionalRows(page);
  const data = bufferOf(page.data);
  checkUsedUp(page, (offsets[page.rows] ?? 0) * 8);
  const times = new Float64Array(page.rows).fill(Number.NaN);
  for (let row = 0; row < page.rows; row++) {
    if (missing?.[row] === 1) continue;
    const time = Number(data.readBigInt64LE((offsets[row] ?? 0) * 8));
    if (!Number.isSafeInteger(time)) throw corrupt(`${page.place}: the time of a row is out of range.`);
    times[row] = time;
  }
  return { rows: page.rows, slice: (start, end) => times.subarray(start, end) };
}

function endOfText(page: Page, data: Buffer, at: number): number {
  const end = at + 4 <= data.length ? at + 4 + data.readUInt32LE(at) : Number.POSITIVE_INFINITY;
  if (end > data.length) throw corrupt(`${page.place}: a text goes beyond the end of the page.`);
  return end;
}

function checkUsedUp(page: Page, used: number): void {
  if (used !== page.data.length)
    throw corrupt(`${page.place}: its rows take ${used} bytes and it has ${page.data.length}.`);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
