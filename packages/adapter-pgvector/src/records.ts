import type { VectorBatch } from '@vecport/abstractions';
import { BatchBuilder } from '@vecport/wire';
import type { CopyRows } from './copy-rows.js';
import { corruptRows } from './errors.js';
import { idExpression } from './key.js';
import { METADATA_COLUMN, type TableLayout } from './layout.js';
import { vectorReader } from './read-vector.js';
import { quoteName, quoteText } from './sql.js';

/** Bytes a batch holds at most, but for a single point that is larger. */
const MAX_BATCH_BYTES = 16 * 2 ** 20;

/** What is selected of a point, in the order the rows are read in: identifier, vectors, metadata as JSON text. */
export function pointColumns(layout: TableLayout, fields?: readonly string[]): readonly string[] {
  return [
    idExpression(layout.key),
    ...layout.vectors.map(({ column }) => `t.${quoteName(column)}`),
    metadataExpression(layout, fields),
  ];
}

/** The SQL of a point's metadata, of the type `json`; `fields` cuts only the metadata that consists of columns. */
export function metadataExpression({ fields: columns }: TableLayout, fields?: readonly string[]): string {
  if (columns === undefined) return `t.${quoteName(METADATA_COLUMN)}`;
  const wanted = fields === undefined ? columns : columns.filter(({ name }) => fields.includes(name));
  if (columns.length === 0) return 'NULL::json';
  if (wanted.length === 0) return `${quoteText('{}')}::json`;
  const list = wanted.map(({ name }) => `t.${quoteName(name)} AS ${quoteName(name)}`).join(', ');
  return `(SELECT row_to_json(m.*) FROM (SELECT ${list}) AS m)`;
}

/** Puts rows into batches. */
export interface PointReader {
  /** Add the present row. True when the batch is full. */
  add(rows: CopyRows): boolean;
  readonly count: number;
  /** The batch so far; the next row begins a new one. */
  take(): VectorBatch;
}

/**
 * A reader of rows as `pointColumns` selects them.
 * @throws VecportError `corrupt-data`, from `add`, for a row without an identifier, or one that is out of order.
 */
export function pointReader(layout: TableLayout, batchSize: number, isOrdered: boolean): PointReader {
  const readers = layout.vectors.map((vector) => ({ name: vector.name, read: vectorReader(vector) }));
  const specs = Object.fromEntries(layout.vectors.map(({ name, spec }) => [name, spec]));
  const capacity = Math.max(1, Math.min(batchSize, Math.floor(MAX_BATCH_BYTES / rowBytes(layout))));
  const checkOrder = isOrdered ? orderCheck(layout) : () => undefined;
  const metadataField = readers.length + 1;
  let builder = new BatchBuilder(specs, capacity);
  let bytes = 0;
  return {
    get count() {
      return builder.rows;
    },
    add: (rows) => {
      const id = textField(rows, 0);
      if (id === undefined) throw corruptRows('a row has no identifier');
      checkOrder(id);
      builder.row(id);
      readers.forEach(({ read }, at) => {
        const length = rows.lengths[at + 1] ?? -1;
        if (length >= 0) read(rows.bytes, rows.starts[at + 1] ?? 0, length, builder);
        bytes += Math.max(0, length);
      });
      const length = rows.lengths[metadataField] ?? -1;
      const start = rows.starts[metadataField] ?? 0;
      if (length >= 0) builder.metadata(rows.bytes.subarray(start, start + length));
      bytes += Math.max(0, length) + id.length;
      return builder.rows >= batchSize || bytes >= MAX_BATCH_BYTES;
    },
    take: () => {
      const batch = builder.build();
      builder = new BatchBuilder(specs, capacity);
      bytes = 0;
      return batch;
    },
  };
}

function textField(rows: CopyRows, field: number): string | undefined {
  const length = rows.lengths[field] ?? -1;
  const start = rows.starts[field] ?? 0;
  return length < 0 ? undefined : rows.bytes.toString('utf8', start, start + length);
}

function rowBytes({ vectors }: TableLayout): number {
  return vectors.reduce((sum, { spec }) => sum + (spec.kind === 'dense' ? (spec.dimension ?? 0) * 4 : 0), 64);
}

// Rows come in the order of the key; where we know that order as well, it is checked, anywhere else only for twins.
function orderCheck({ key }: TableLayout): (id: string) => void {
  const [column] = key;
  const comesAfter = key.length === 1 && column !== undefined ? comparison(column.kind, column.isBytewise) : isOther;
  let last: string | undefined;
  return (id) => {
    if (last !== undefined && !comesAfter(id, last)) {
      throw corruptRows(`the point '${id}' comes after '${last}', out of order or twice`);
    }
    last = id;
  };
}

type Comparison = (id: string, last: string) => boolean;

const isOther: Comparison = (id, last) => id !== last;

function comparison(kind: string, isBytewise: boolean): Comparison {
  if (kind === 'uuid') return (id, last) => id > last;
  if (kind.startsWith('int')) return (id, last) => BigInt(id) > BigInt(last);
  return isBytewise ? (id, last) => Buffer.compare(Buffer.from(id), Buffer.from(last)) > 0 : isOther;
}
