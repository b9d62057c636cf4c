import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import type { TableFacts } from './layout.js';
import { printTableName, relationOf, type TableName } from './names.js';
import type { ServerFacts } from './server-facts.js';
import type { Session } from './session.js';
import { isStorableText, quoteText } from './sql.js';

// Ordinary and partitioned tables; a partition is part of its table. Tables of other sessions are temporary ones.
const TABLES = `c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'`;

/** The tables with a column of vectors that the role may read, by schema and name. */
export async function listTables(session: Session, { types }: ServerFacts): Promise<readonly TableName[]> {
  const { bit, ...ofPgvector } = types;
  const ids = Object.values(ofPgvector).join(', ');
  const rows = await session.query(`SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ${TABLES} AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
  AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND (a.atttypid IN (${ids}) OR t.typelem IN (${ids}) OR a.atttypid = ${bit} AND a.atttypmod > 1))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`);
  return rows.map(([schema, table]) => ({ schema: schema ?? '', table: table ?? '' }));
}

const COLUMNS = `SELECT json_agg(json_build_object(
  'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'typeId', a.atttypid::text,
  'elementTypeId', t.typelem::text, 'modifier', a.atttypmod, 'notNull', a.attnotnull,
  'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated,
  'collation', l.collname, 'deterministic', coalesce(l.collisdeterministic, true)) ORDER BY a.attnum)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

const INDEXES = `SELECT json_agg(json_build_object(
  'name', ic.relname, 'method', am.amname, 'definition', pg_catalog.pg_get_indexdef(i.indexrelid),
  'isPrimary', i.indisprimary,
  'isKey', i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL,
  'columns', (SELECT json_agg((SELECT a.attname FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = i.indrelid AND a.attnum = k.number AND a.attnum > 0) ORDER BY k.place)
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) WHERE k.place <= i.indnkeyatts),
  'operatorClass', (SELECT o.opcname FROM pg_catalog.pg_opclass o WHERE o.oid = i.indclass[0]),
  'options', to_json(ic.reloptions)) ORDER BY ic.relname COLLATE "C")
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
WHERE i.indrelid = c.oid`;

const CONSTRAINTS = `SELECT json_agg(json_build_object(
  'name', k.conname, 'type', k.contype, 'definition', pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname COLLATE "C")
FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'`;

/**
 * What the catalog tells of a table; no right to its rows is needed.
 * @throws VecportError `not-found` when there is none of this name.
 */
export async function readTable(session: Session, name: TableName): Promise<TableFacts> {
  // A name PostgreSQL cannot hold is one no table has.
  const rows = isStorableText(name.schema + name.table) ? await session.query(tableSql(name)) : [];
  const json = rows[0]?.[0];
  if (typeof json === 'string') return JSON.parse(json) as TableFacts;
  throw new VecportError('not-found', `There is no table '${printTableName(name, '')}'.`, {
    provider: PROVIDER,
    advice: 'List the collections of the store to see what there is; views and foreign tables are none.',
  });
}

/** The table in the words of an error. */
export function shownName(name: TableName): string {
  return relationOf(name).replaceAll('"', '');
}

function tableSql(name: TableName): string {
  return `SELECT json_build_object('kind', c.relkind, 'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
  'rowSecurity', c.relrowsecurity, 'columns', coalesce((${COLUMNS}), '[]'), 'indexes', coalesce((${INDEXES}), '[]'),
  'constraints', coalesce((${CONSTRAINTS}), '[]'))::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname::text = ${quoteText(name.table)} AND n.nspname::text = ${quoteText(name.schema)}
  AND c.relkind IN ('r', 'p')`;
}
