import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { z } from 'zod';
import type { Item } from './item.js';
import { ITEMS, type ItemStore, type SeedState } from './item-store.js';

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS items (
    id TEXT PRIMARY KEY, emoji TEXT NOT NULL, label TEXT NOT NULL, tags TEXT NOT NULL,
    "group" TEXT NOT NULL, "order" INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS seeds (subject TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
`;
const WORD = `(label LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value LIKE ? ESCAPE '\\') OR emoji = ?)`;

const rowSchema = z.object({
  id: z.string(),
  emoji: z.string(),
  label: z.string(),
  tags: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  group: z.string(),
  order: z.number(),
});

/** Open the SQLite database at `path`, making it if there is none. The caller closes it. */
export function openItemStore(path: string): ItemStore {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const get = database.prepare('SELECT * FROM items WHERE id = ?');
  const groups = database.prepare('SELECT "group" FROM items GROUP BY "group" ORDER BY min("order")');
  const all = database.prepare('SELECT * FROM items ORDER BY "order"');
  const count = database.prepare('SELECT count(*) AS n FROM items');
  const remove = database.prepare('DELETE FROM items WHERE id = ?');
  const samples = database.prepare(
    'SELECT * FROM items WHERE "order" IN (SELECT min("order") FROM items GROUP BY "group") ORDER BY "order" LIMIT ?',
  );
  const seedState = database.prepare('SELECT state FROM seeds WHERE subject = ?');
  const markSeed = database.prepare('INSERT INTO seeds VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state');
  return {
    get: (id) => optional(get.get(id)),
    search: (query, limit, group) => search(database, query, limit, group),
    samples: (limit) => samples.all(limit).map((row) => itemOf(row)),
    groups: () => groups.all().map((row) => String(row['group'])),
    all: () => all.all().map((row) => itemOf(row)),
    count: () => Number(count.get()?.['n']),
    delete: (id) => Number(remove.run(id).changes) > 0,
    seed: (items) =>
      inTransaction(database, () => {
        if (stateOf(seedState, ITEMS) === 'complete') return 0;
        insertItems(database, items);
        markSeed.run(ITEMS, 'complete');
        return items.length;
      }),
    seedState: (subject) => stateOf(seedState, subject),
    markSeed: (subject, state) => void markSeed.run(subject, state),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function search(database: DatabaseSync, query: string, limit: number, group: string | undefined): readonly Item[] {
  const words = query.split(/\s+/).filter((word) => word !== '');
  // SQLite reads a pattern up to its first NUL, which stands in no item.
  if (words.length === 0 || query.includes('\0')) return [];
  const where = [...(group === undefined ? [] : ['"group" = ?']), ...words.map(() => WORD)].join(' AND ');
  const values = [
    ...(group === undefined ? [] : [group]),
    ...words.flatMap((word) => [`%${escapeLike(word)}%`, `${escapeLike(word)}%`, word]),
  ];
  const text = words.join(' ');
  return database
    .prepare(
      `SELECT * FROM items WHERE ${where} ORDER BY label = ? DESC, label LIKE ? ESCAPE '\\' DESC, "order" LIMIT ?`,
    )
    .all(...values, text, `${escapeLike(text)}%`, limit)
    .map((row) => itemOf(row));
}

function insertItems(database: DatabaseSync, items: readonly Item[]): void {
  const insert = database.prepare('INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)');
  for (const { id, emoji, label, tags, group, order } of items) {
    insert.run(id, emoji, label, JSON.stringify(tags), group, order);
  }
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function stateOf(statement: StatementSync, subject: string): SeedState | undefined {
  const state = statement.get(subject)?.['state'];
  return state === 'started' || state === 'complete' ? state : undefined;
}

function optional(row: Record<string, SQLOutputValue> | undefined): Item | undefined {
  return row === undefined ? undefined : itemOf(row);
}

function itemOf(row: Record<string, SQLOutputValue>): Item {
  return rowSchema.parse(row);
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
