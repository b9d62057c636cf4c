import type {
  CallOptions,
  ExportBatch,
  ExportOptions,
  Filter,
  Slice,
  SlicePlan,
  VectorId,
} from '@vecport/abstractions';
import { type MetadataColumn, metadataFromTexts, metadataText, selectFields } from '@vecport/abstractions';
import type { Database } from './database.js';
import { sqlStateOf } from './errors.js';
import { compileFilter } from './filter.js';
import { idExpression, keyCompare, keyOrder } from './key.js';
import type { TableLayout } from './layout.js';
import { badCursor, cursorAfter, parseCursor, parseToken, printToken, type SliceToken } from './position.js';
import { readPoints } from './read-points.js';
import type { Session } from './session.js';
import type { Snapshots } from './snapshots.js';

/** Points a batch of an export has when nobody asks. */
export const DEFAULT_BATCH_SIZE = 1000;
/** A server that sorts a large table first is silent for long; times the time limit of a call. */
const SILENCE_CALLS = 10;

/** A table to read from. */
export interface ExportSource {
  readonly database: Database;
  readonly snapshots: Snapshots;
  readonly layout: TableLayout;
}

/**
 * Every point of the table in the order of its key, as of one moment: the start of the call, or that of the slice's
 * plan while its snapshot is kept. Slices of a process that is gone are read as of the start of the call.
 * @throws VecportError `expired` for a slice whose snapshot was kept by this store and is gone.
 */
export async function* exportTable(
  source: ExportSource,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { database, layout, snapshots } = source;
  const { signal, fields, vectors = 'all', batchSize = DEFAULT_BATCH_SIZE } = options;
  const wanted = vectors === 'none' ? { ...layout, vectors: [] } : layout;
  signal?.throwIfAborted();
  const token = options.slice === undefined ? undefined : parseToken(options.slice);
  const where = conditions(layout, options, token);
  const done = token === undefined ? () => undefined : snapshots.use(token.plan);
  let session: Session | undefined;
  try {
    session = await beginReading(source, token, signal);
    const silenceMs = database.config.timeoutMs * SILENCE_CALLS;
    const query = { where, orderBy: keyOrder(layout.key), fields, batchSize, silenceMs, signal };
    let exported = 0;
    for await (const batch of readPoints(session, wanted, query)) {
      signal?.throwIfAborted();
      database.moved();
      exported += batch.ids.length;
      const metadata =
        fields === undefined || layout.fields !== undefined ? batch.metadata : keepFields(batch.metadata, fields);
      yield { ...batch, metadata, cursor: cursorAfter(batch.ids.at(-1) ?? ''), progress: { exported } };
      signal?.throwIfAborted();
    }
    await session.commit();
  } finally {
    // Does nothing after the commit; before it, the server is in the middle of its answer.
    session?.kill(new Error('The export was left.'));
    done();
  }
}

/** Ranges of the key with equal numbers of points of the present state, which is kept until the plan is released. */
export async function planSlices(
  { database, snapshots, layout }: ExportSource,
  count: number,
  options: CallOptions & { readonly filter?: Filter | undefined },
): Promise<SlicePlan> {
  const where = options.filter === undefined ? 'true' : compileFilter(options.filter, layout);
  const held = await snapshots.hold(options);
  try {
    const session = await database.begin({ ...options, snapshot: held.snapshot, isQueued: false });
    try {
      const { total, size, bounds } = await findBounds(session, layout, where, count);
      await session.commit();
      if (total === 0) await snapshots.release(held.plan);
      const server = database.facts.startedAt;
      const slices = cutSlices({ total, size, bounds }, { plan: held.plan, snapshot: held.snapshot, server });
      return { slices, consistency: 'point-in-time' };
    } finally {
      await session.rollback();
    }
  } catch (error) {
    await snapshots.release(held.plan);
    throw error;
  }
}

interface Bounds {
  readonly total: number;
  readonly size: number;
  /** The last identifier of every slice but the last one. */
  readonly bounds: readonly VectorId[];
}

async function findBounds(session: Session, layout: TableLayout, where: string, count: number): Promise<Bounds> {
  const [row] = await session.query(`SELECT count(*) FROM ${layout.relation} AS t WHERE ${where}`);
  const total = Number(row?.[0] ?? 0);
  const size = Math.max(1, Math.ceil(total / count));
  if (total <= size) return { total, size, bounds: [] };
  const order = keyOrder(layout.key);
  const rows = await session.query(`SELECT id FROM (
  SELECT ${idExpression(layout.key)} AS id, row_number() OVER (ORDER BY ${order}) AS n FROM ${layout.relation} AS t WHERE ${where}
) AS numbered WHERE n % ${size} = 0 AND n < ${total} ORDER BY n`);
  return { total, size, bounds: rows.map(([id]) => id ?? '') };
}

function cutSlices({ total, size, bounds }: Bounds, pinned: Omit<SliceToken, 'after' | 'to'>): readonly Slice[] {
  if (total === 0) return [];
  return [...bounds, undefined].map((to, at) => ({
    token: printToken({ ...pinned, after: bounds[at - 1], to }),
    points: Math.min(size, total - at * size),
  }));
}

function conditions(
  layout: TableLayout,
  { filter, after, slice }: ExportOptions,
  token: SliceToken | undefined,
): string {
  const compare = (operator: '>' | '<=', id: VectorId | undefined, what: string): string[] => {
    if (id === undefined) return [];
    const condition = keyCompare(layout.key, operator, id);
    if (condition === undefined) throw badCursor(what);
    return [condition];
  };
  const parts = [
    ...compare('>', token?.after, slice?.token ?? ''),
    ...compare('<=', token?.to, slice?.token ?? ''),
    ...compare('>', after === undefined ? undefined : parseCursor(after), after ?? ''),
    ...(filter === undefined ? [] : [compileFilter(filter, layout)]),
  ];
  return parts.length === 0 ? 'true' : parts.join(' AND ');
}

const SNAPSHOT_GONE = new Set(['22023', '42704', '55000', '0A000', '58P01']);

async function beginReading(
  { database, snapshots }: ExportSource,
  token: SliceToken | undefined,
  signal: AbortSignal | undefined,
): Promise<Session> {
  if (token === undefined) return database.begin({ signal, isQueued: true });
  const state = snapshots.state(token.plan);
  if (state === 'gone') throw snapshots.expired();
  // Another run of the server may have given the same name to another state.
  if (state === 'unknown' && token.server !== database.facts.startedAt)
    return database.begin({ signal, isQueued: true });
  try {
    return await database.begin({ signal, snapshot: token.snapshot, isQueued: true });
  } catch (error) {
    if (!SNAPSHOT_GONE.has(sqlStateOf(error) ?? '')) throw error;
    if (state === 'unknown') return database.begin({ signal, isQueued: true });
    await snapshots.release(token.plan);
    throw snapshots.expired();
  }
}

function keepFields(metadata: MetadataColumn, fields: readonly string[]): MetadataColumn {
  const kept = new Set(fields);
  const texts = Array.from({ length: metadata.offsets.length - 1 }, (_, row) => metadataText(metadata, row));
  return metadataFromTexts(texts.map((text) => (text === undefined ? undefined : selectFields(text, kept))));
}
