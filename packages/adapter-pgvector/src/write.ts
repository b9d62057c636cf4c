import { setTimeout as wait } from 'node:timers/promises';
import {
  type CallOptions,
  isVecportError,
  metadataBytes,
  metadataText,
  selectRows,
  type VecportError,
  type VectorBatch,
  type VectorColumn,
  type VectorId,
  vectorAt,
  type WriteFailure,
  type WriteReport,
} from '@vecport/abstractions';
import { checkRows } from './check-rows.js';
import type { Database } from './database.js';
import { encodeArray, TYPE_IDS } from './encode-array.js';
import { isDataError } from './errors.js';
import { idExpression, keyIn, splitId } from './key.js';
import { METADATA_COLUMN, type TableLayout, type VectorLayout } from './layout.js';
import { metadataExpression } from './records.js';
import { isSameJson } from './same-json.js';
import type { Session, SqlValue } from './session.js';
import { quoteName } from './sql.js';
import { encodeVector } from './write-vector.js';

/** How often a write is tried that met another one. */
const ATTEMPTS = 4;
/** Identifiers in one list. */
const IDS_PER_QUERY = 2000;

/** Write the points in one transaction, without those the table cannot keep exactly. */
export async function upsertPoints(
  database: Database,
  layout: TableLayout,
  points: VectorBatch,
  options: CallOptions,
): Promise<WriteReport> {
  const { batch, failed } = checkRows(layout, points);
  if (batch.ids.length === 0) return { accepted: 0, failed };
  const target: Target = { layout, types: database.facts.types, sql: upsertSql(layout) };
  const refused = await retryConflicts(options.signal, async () =>
    database.write(options, async (session) => insert(session, target, batch)),
  );
  return { accepted: batch.ids.length - refused.length, failed: [...failed, ...refused] };
}

/** Remove the points with these identifiers in one transaction; those no row can have are not there. */
export async function deletePoints(
  database: Database,
  { relation, key }: TableLayout,
  ids: readonly VectorId[],
  options: CallOptions,
): Promise<WriteReport> {
  await retryConflicts(options.signal, async () =>
    database.write(options, async (session) => {
      for (const some of chunks(ids.toSorted(), IDS_PER_QUERY)) {
        await session.query(`DELETE FROM ${relation} AS t WHERE ${keyIn(key, some)}`);
      }
    }),
  );
  return { accepted: ids.length, failed: [] };
}

/** Pieces of a list, in order. */
export function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}

interface Target {
  readonly layout: TableLayout;
  readonly types: Database['facts']['types'];
  readonly sql: string;
}

// One statement for all; when the server refuses a value, halves of it, down to the points that are to blame.
async function insert(session: Session, target: Target, batch: VectorBatch): Promise<readonly WriteFailure[]> {
  if (batch.ids.length === 0) return [];
  await session.query('SAVEPOINT vecport');
  const altered = await insertOnce(session, target, batch).catch(asRefusal);
  if (!isVecportError(altered) && altered.length === 0) {
    await session.query('RELEASE SAVEPOINT vecport');
    return [];
  }
  await session.query('ROLLBACK TO SAVEPOINT vecport');
  if (!isVecportError(altered)) {
    const ids = new Set(altered.map(({ id }) => id));
    return [
      ...altered,
      ...(await insert(
        session,
        target,
        rowsWhere(batch, (id) => !ids.has(id)),
      )),
    ];
  }
  if (batch.ids.length === 1) return [{ id: batch.ids[0] ?? '', code: altered.code, reason: altered.reason }];
  const half = new Set(batch.ids.slice(0, batch.ids.length >> 1));
  return [
    ...(await insert(
      session,
      target,
      rowsWhere(batch, (id) => half.has(id)),
    )),
    ...(await insert(
      session,
      target,
      rowsWhere(batch, (id) => !half.has(id)),
    )),
  ];
}

function asRefusal(error: unknown): VecportError {
  if (isVecportError(error) && isDataError(error)) return error;
  throw error;
}

/** The points of which something else came to be stored than was written: it is to be undone. */
async function insertOnce(
  session: Session,
  { layout, types, sql }: Target,
  batch: VectorBatch,
): Promise<readonly WriteFailure[]> {
  const stored = await session.query(sql, parametersOf(layout, types, batch));
  if (layout.fields === undefined) return [];
  const found = new Map(stored.map(([id, metadata]) => [id, metadata ?? undefined]));
  return batch.ids.flatMap((id, row) => {
    const written = metadataText(batch.metadata, row);
    if (found.has(id) && isSameJson(found.get(id), written)) return [];
    return [
      { id, code: 'invalid-argument' as const, reason: difference(layout, found.has(id), found.get(id), written) },
    ];
  });
}

function difference(
  layout: TableLayout,
  isThere: boolean,
  stored: string | undefined,
  written: string | undefined,
): string {
  if (!isThere) return 'The table would keep the point under another identifier, or not at all.';
  const columns = layout.fields?.map(({ name }) => name).join(', ') ?? '';
  return `The table's columns (${columns || 'none for metadata'}) would not keep the metadata as it is: ${shortened(stored)} instead of ${shortened(written)}.`;
}

function shortened(text: string | undefined): string {
  if (text === undefined) return 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/*
 * The rows come as arrays, one for each column, in the binary formats; they are inserted in the order of their keys,
 * so that two writes of the same points wait for each other instead of blocking each other.
 */
function upsertSql(layout: TableLayout): string {
  const { key, vectors, fields, relation } = layout;
  const keys = key.map((column, at) => ({
    column: quoteName(column.name),
    type: 'text',
    name: `k${at}`,
    value: column.kind === 'text' ? `s.k${at}` : `s.k${at}::${column.kind === 'other' ? column.type : column.kind}`,
  }));
  const vectorColumns = vectors.map((vector, at) => ({
    column: quoteName(vector.column),
    type: arrayElement(vector),
    name: `v${at}`,
    value: vector.spec.kind === 'multi' ? `s.v${at}::vector[]` : `s.v${at}`,
  }));
  const written = fields?.filter(({ isGenerated }) => !isGenerated).map(({ name }) => quoteName(name));
  const metadata = written ?? [quoteName(METADATA_COLUMN)];
  const values = written?.map((column) => `r.${column}`) ?? ['s.m'];
  const inputs = [...keys, ...vectorColumns, { type: 'json', name: 'm' }];
  const record = written === undefined ? '' : ` CROSS JOIN LATERAL json_populate_record(NULL::${relation}, s.m) AS r`;
  const others = [...vectorColumns.map(({ column }) => column), ...metadata];
  return `INSERT INTO ${relation} AS t (${[...keys.map(({ column }) => column), ...others].join(', ')}) OVERRIDING SYSTEM VALUE
SELECT ${[...keys.map(({ value }) => value), ...vectorColumns.map(({ value }) => value), ...values].join(', ')}
FROM unnest(${inputs.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ')}) AS s(${inputs.map(({ name }) => name).join(', ')})${record}
ORDER BY ${keys.map((_, at) => at + 1).join(', ')}
ON CONFLICT (${keys.map(({ column }) => column).join(', ')}) DO UPDATE SET ${others.map((column) => `${column} = EXCLUDED.${column}`).join(', ')}
${fields === undefined ? '' : `RETURNING ${idExpression(key)}, ${metadataExpression(layout)}::text`}`;
}

function arrayElement({ type, spec, width }: VectorLayout): string {
  if (spec.kind === 'multi') return 'text';
  // Of the type bit without a length PostgreSQL keeps one bit.
  return type === 'bit' ? `bit(${width})` : type;
}

function parametersOf(layout: TableLayout, types: Target['types'], batch: VectorBatch): readonly SqlValue[] {
  const parts = batch.ids.map((id) => splitId(layout.key, id) ?? []);
  const keys = layout.key.map((_, at) =>
    encodeArray(
      TYPE_IDS.text,
      parts.map((texts) => Buffer.from(texts[at] ?? '')),
    ),
  );
  const vectors = layout.vectors.map((vector) => {
    const type = vector.spec.kind === 'multi' ? TYPE_IDS.text : Number(types[vector.type]);
    return encodeArray(type, encodeColumn(vector, batch.vectors[vector.name], batch.ids.length));
  });
  const metadata = batch.ids.map((_, row) => metadataBytes(batch.metadata, row));
  return [...keys, ...vectors, encodeArray(TYPE_IDS.json, metadata)];
}

function encodeColumn(
  vector: VectorLayout,
  column: VectorColumn | undefined,
  rows: number,
): readonly (Buffer | undefined)[] {
  return Array.from({ length: rows }, (_, row) => {
    const value = column === undefined ? undefined : vectorAt(column, row);
    return value === undefined ? undefined : encodeVector(vector, value);
  });
}

function rowsWhere(batch: VectorBatch, keeps: (id: VectorId) => boolean): VectorBatch {
  return selectRows(
    batch,
    batch.ids.flatMap((id, row) => (keeps(id) ? [row] : [])),
  );
}

async function retryConflicts<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isVecportError(error) || error.code !== 'conflict' || attempt === ATTEMPTS) throw error;
      await wait(Math.random() * 50 * 2 ** attempt);
      signal?.throwIfAborted();
    }
  }
}
