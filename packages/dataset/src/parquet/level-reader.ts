import { corrupt } from './corrupt.js';
import type { Page } from './page-reader.js';

/** Which rows of a page have no value, and where the values of each row begin. */
export interface RowShape {
  /** Absent when every row has a value. */
  readonly missing?: Uint8Array | undefined;
  /** One more than there are rows; counted in values, or in vectors for lists of lists. */
  readonly offsets: Uint32Array;
}

/** The rows of an optional flat column. @throws VecportError `corrupt-data`. */
export function readOptionalRows(page: Page): RowShape {
  const rows = new RowCounter(page);
  forEachPair(page, 0, 1, (_, definition, count) => rows.add(count, definition, definition === 0));
  return rows.finish(page, rows.elements);
}

/** The rows of an optional list of required values. @throws VecportError `corrupt-data`. */
export function readListRows(page: Page): RowShape {
  const rows = new RowCounter(page);
  let isOpen = false;
  forEachPair(page, 1, 2, (repetition, definition, count) => {
    if (repetition === 0) rows.add(count, definition === 2 ? 1 : 0, definition === 0);
    else if (isOpen && definition === 2) rows.extend(count);
    else throw brokenLevels(page);
    isOpen = definition === 2;
  });
  return rows.finish(page, rows.elements);
}

/**
 * The rows of an optional list of required lists of `size` values.
 * @throws VecportError `corrupt-data`, also where a list has another size.
 */
export function readNestedRows(page: Page, size: number): RowShape {
  const rows = new RowCounter(page);
  /** Values of the vector that is being read; `size` when none is. */
  let filled = size;
  let isOpen = false;
  forEachPair(page, 2, 3, (repetition, definition, count) => {
    if (repetition === 2) {
      if (definition !== 3 || filled + count > size) throw brokenLevels(page);
      filled += count;
      return;
    }
    const begins = definition === 3;
    const isAllowed = filled === size && (repetition === 0 || (isOpen && definition >= 2));
    if (!isAllowed || (begins && (size === 0 || (size > 1 && count > 1))) || (definition === 2 && size > 0))
      throw brokenLevels(page);
    if (repetition === 0) rows.add(count, definition >= 2 ? 1 : 0, definition === 0);
    else rows.extend(count);
    isOpen = definition >= 2;
    filled = begins ? 1 : size;
  });
  if (filled !== size) throw brokenLevels(page);
  return rows.finish(page, rows.elements * size);
}

/** A column without levels. @throws VecportError `corrupt-data` where there are some. */
export function checkRequired(page: Page): void {
  const { bytes, values, nulls } = page.levels;
  if (bytes.length > 0 || nulls > 0 || values !== page.rows) throw brokenLevels(page);
}

class RowCounter {
  readonly #offsets: Uint32Array;
  readonly #missing: Uint8Array;
  readonly #page: Page;
  #row = 0;
  #anyMissing = false;
  /** Elements of all rows so far. */
  elements = 0;

  constructor(page: Page) {
    this.#page = page;
    this.#offsets = new Uint32Array(page.rows + 1);
    this.#missing = new Uint8Array(page.rows);
  }

  /** `count` rows of `size` elements each. */
  add(count: number, size: number, isMissing: boolean): void {
    if (count > this.#page.rows - this.#row) throw brokenLevels(this.#page);
    if (isMissing) this.#anyMissing = true;
    for (let i = 0; i < count; i++) {
      if (isMissing) this.#missing[this.#row] = 1;
      this.elements += size;
      this.#row++;
      this.#offsets[this.#row] = this.elements;
    }
  }

  /** `count` elements more for the last row. */
  extend(count: number): void {
    this.elements += count;
    this.#offsets[this.#row] = this.elements;
  }

  finish(page: Page, present: number): RowShape {
    if (this.#row !== page.rows || present !== page.levels.values - page.levels.nulls) throw brokenLevels(page);
    return { offsets: this.#offsets, missing: this.#anyMissing ? this.#missing : undefined };
  }
}

type VisitPair = (repetition: number, definition: number, count: number) => void;

/** Walk both kinds of levels side by side, a stretch of equal pairs at a time. */
function forEachPair(page: Page, maxRepetition: number, maxDefinition: number, visit: VisitPair): void {
  const { bytes, repetitionBytes, values } = page.levels;
  const repetition = new RunReader(bytes.subarray(0, repetitionBytes), maxRepetition, page);
  const definition = new RunReader(bytes.subarray(repetitionBytes), maxDefinition, page);
  let seen = 0;
  while (seen < values) {
    definition.fill();
    if (maxRepetition > 0) repetition.fill();
    else repetition.count = definition.count;
    const count = Math.min(repetition.count, definition.count);
    seen += count;
    if (seen > values) break;
    visit(repetition.value, definition.value, count);
    repetition.count -= count;
    definition.count -= count;
  }
  if (seen !== values || !repetition.isDone || !definition.isDone) throw brokenLevels(page);
}

/** Reads the runs of levels of at most 8 bits. Bit-packed stretches are not part of the format. */
class RunReader {
  readonly #bytes: Uint8Array;
  readonly #max: number;
  readonly #page: Page;
  #at = 0;
  value = 0;
  /** What is left of the run. */
  count = 0;

  constructor(bytes: Uint8Array, max: number, page: Page) {
    this.#bytes = bytes;
    this.#max = max;
    this.#page = page;
  }

  get isDone(): boolean {
    return this.count === 0 && this.#at === this.#bytes.length;
  }

  /** Go to the next run when the last one is used up. */
  fill(): void {
    if (this.count > 0) return;
    const header = this.#varint();
    const value = this.#bytes[this.#at++];
    if (header % 2 !== 0 || header === 0 || value === undefined || value > this.#max) throw brokenLevels(this.#page);
    this.count = header / 2;
    this.value = value;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw brokenLevels(this.#page);
  }
}

function brokenLevels(page: Page): Error {
  return corrupt(`${page.place}: its levels do not describe ${page.rows} rows of this column.`);
}
