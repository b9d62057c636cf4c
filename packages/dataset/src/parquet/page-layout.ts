import { VecportError } from '@vecport/abstractions';
import type { PartSchema, PartVector } from '../part-codec.js';
import { MAX_PAGE_ROWS, PAGE_BYTES } from './format.js';

/** Where pages and row groups end, in rows. */
export interface PageLayout {
  /** The most rows of a page. A page also ends with the row that brings it to 1 MiB. */
  readonly pageRows: number;
  /** The most rows of a row group. */
  readonly rowGroupRows: number;
  /** A row group also ends with the row that brings ids, metadata, sparse and multi vectors to so many bytes: 32 MiB, or no end where the rows are said. */
  readonly rowGroupBytes: number;
  /** The name of the vector whose pages go to the file as they fill: the largest dense one, of equal ones the first by name. */
  readonly streamed: string | undefined;
}

/** Bytes of a row group before compression: dense vectors, and the columns of varying length again as much. */
const ROW_GROUP_BYTES: number = 32 << 20;

const DEFAULT_PAGE_ROWS = 1 << 16;
const MAX_ROW_GROUP_ROWS = 1 << 17;

/**
 * The page layout for a schema: it depends on the schema alone, so that the same rows always give the
 * same bytes. Row groups hold 32 MiB of dense vectors, in whole pages of the largest of them.
 * @throws VecportError `invalid-argument` for a number of rows that is not whole or out of range.
 */
export function pageLayout(
  schema: PartSchema,
  wanted: Partial<Pick<PageLayout, 'pageRows' | 'rowGroupRows'>> = {},
): PageLayout {
  const pageRows = checkRows('pageRows', wanted.pageRows ?? DEFAULT_PAGE_ROWS);
  const streamed = largestDense(schema);
  if (wanted.rowGroupRows !== undefined) {
    const rowGroupRows = checkRows('rowGroupRows', wanted.rowGroupRows);
    return { pageRows, rowGroupRows, rowGroupBytes: Infinity, streamed };
  }
  const dense = Object.values(schema.vectors).map((vector) => denseBytes(vector));
  const rows = Math.floor(ROW_GROUP_BYTES / Math.max(1, sum(dense)));
  const vectorRows = densePageRows(pageRows, Math.max(0, ...dense));
  const wholePages = Math.max(1, Math.floor(Math.min(rows, MAX_ROW_GROUP_ROWS) / vectorRows)) * vectorRows;
  return { pageRows, rowGroupRows: wholePages, rowGroupBytes: ROW_GROUP_BYTES, streamed };
}

/** The name of the largest dense vector, of equal ones the first by name. */
function largestDense({ vectors }: PartSchema): string | undefined {
  const [largest] = Object.entries(vectors)
    .filter(([, { kind }]) => kind === 'dense')
    .sort(([a, one], [b, other]) => denseBytes(other) - denseBytes(one) || (a < b ? -1 : 1));
  return largest?.[0];
}

/** Rows in a page of dense vectors of `rowBytes` each. */
export function densePageRows(pageRows: number, rowBytes: number): number {
  return Math.max(1, Math.min(pageRows, Math.floor(PAGE_BYTES / Math.max(1, rowBytes))));
}

function denseBytes(vector: PartVector): number {
  return vector.kind === 'dense' ? (vector.dimension ?? 0) * 4 : 0;
}

function checkRows(option: string, rows: number): number {
  if (Number.isInteger(rows) && rows >= 1 && rows <= MAX_PAGE_ROWS) return rows;
  throw new VecportError('invalid-argument', `${option} is ${rows}.`, {
    advice: `Give a whole number from 1 to ${MAX_PAGE_ROWS}.`,
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
