import type { VectorBatch } from '@vecport/abstractions';
import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { CopyRows } from './copy-rows.js';
import { toVecportError } from './errors.js';
import type { TableLayout } from './layout.js';
import { pointColumns, pointReader } from './records.js';
import type { Session } from './session.js';

/** Which points are read, and how. */
export interface PointQuery {
  /** A condition over the table's alias `t`. */
  readonly where: string;
  /** Columns to order by; without it, in any order. */
  readonly orderBy?: string | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly batchSize: number;
  /** Longest silence of the server in milliseconds. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The points a condition leaves, in batches of at most `batchSize` points or about 16 MB. Nothing is read ahead but
 * what fits the buffers of the connection. The session is busy until the last batch was taken; who leaves earlier
 * must kill it.
 * @throws VecportError `incomplete` when fewer rows came than the server says it sent.
 */
export async function* readPoints(
  session: Session,
  layout: TableLayout,
  query: PointQuery,
): AsyncGenerator<VectorBatch, void, undefined> {
  const columns = pointColumns(layout, query.fields);
  const rows = new CopyRows(columns.length);
  const reader = pointReader(layout, query.batchSize, query.orderBy !== undefined);
  const copy = session.copyOut(copySql(columns, layout, query));
  const watch = watchSilence(query.silenceMs, (error) => session.kill(error));
  try {
    for await (const piece of copy.stream) {
      watch.stop();
      rows.push(piece as Buffer);
      while (rows.next()) if (reader.add(rows)) yield reader.take();
      watch.start();
    }
  } catch (error) {
    query.signal?.throwIfAborted();
    throw watch.error ?? toVecportError(error);
  } finally {
    watch.stop();
  }
  rows.end();
  // What the server says about the end comes before the answer to anything else.
  await session.query('SELECT 1');
  if (copy.rows() !== rows.count) throw fewerRows(copy.rows(), rows.count);
  if (reader.count > 0) yield reader.take();
}

function copySql(columns: readonly string[], { relation }: TableLayout, { where, orderBy }: PointQuery): string {
  const order = orderBy === undefined ? '' : ` ORDER BY ${orderBy}`;
  return `COPY (SELECT ${columns.join(', ')} FROM ${relation} AS t WHERE ${where}${order}) TO STDOUT (FORMAT binary)`;
}

interface SilenceWatch {
  error: VecportError | undefined;
  start(): void;
  stop(): void;
}

function watchSilence(silenceMs: number, cut: (error: VecportError) => void): SilenceWatch {
  let timer: NodeJS.Timeout | undefined;
  const watch: SilenceWatch = {
    error: undefined,
    start: () => {
      timer = setTimeout(() => {
        watch.error = new VecportError('timeout', `PostgreSQL sent nothing for ${silenceMs} ms.`, {
          provider: PROVIDER,
          advice: 'Raise the setting `timeout`.',
        });
        cut(watch.error);
      }, silenceMs);
    },
    stop: () => clearTimeout(timer),
  };
  watch.start();
  return watch;
}

function fewerRows(expected: number, found: number): VecportError {
  return new VecportError('incomplete', `PostgreSQL sent ${expected} rows, and ${found} arrived.`, {
    provider: PROVIDER,
  });
}
