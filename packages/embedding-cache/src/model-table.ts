import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { VecportError } from '@vecport/abstractions';
import type { EmbeddingModelStats } from './embedding-cache.js';

/** What is stored of a model. */
interface ModelRow {
  /** Stands for the model in the rows of its embeddings. */
  readonly number: number;
  readonly dimension: number;
}

/** The models that have embeddings. */
export interface ModelTable {
  /** @throws VecportError `corrupt-data` */
  find(modelId: string): ModelRow | undefined;
  /** The model's number; it gets one if it has none yet. */
  numberOf(modelId: string, dimension: number): number;
  /** @throws VecportError `corrupt-data` */
  list(): readonly EmbeddingModelStats[];
  /** Forget a model, or all. Its embeddings are removed before. */
  remove(modelId: string | undefined): void;
}

/** The statements about models. */
export function modelTable(database: DatabaseSync): ModelTable {
  const find = database.prepare('SELECT number, dimension FROM models WHERE id = ?');
  const add = database.prepare('INSERT INTO models (id, dimension) VALUES (?, ?)');
  const list = database.prepare(`
    SELECT id, dimension, (SELECT count(*) FROM embeddings WHERE model = number) AS entries FROM models`);
  const removeAll = database.prepare('DELETE FROM models');
  const remove = database.prepare('DELETE FROM models WHERE id = ?');
  const table: ModelTable = {
    find: (modelId) => {
      const row = find.get(Buffer.from(modelId));
      return row && { number: readCount(row['number']), dimension: readCount(row['dimension']) };
    },
    numberOf: (modelId, dimension) =>
      table.find(modelId)?.number ?? Number(add.run(Buffer.from(modelId), dimension).lastInsertRowid),
    list: () => list.all().map((row) => statsOf(row)),
    remove: (modelId) => void (modelId === undefined ? removeAll.run() : remove.run(Buffer.from(modelId))),
  };
  return table;
}

function statsOf(row: Record<string, SQLOutputValue>): EmbeddingModelStats {
  const { id, dimension, entries } = row;
  if (!(id instanceof Uint8Array)) throw damagedModel();
  return { modelId: Buffer.from(id).toString(), dimension: readCount(dimension), entries: readCount(entries) };
}

function readCount(value: SQLOutputValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw damagedModel();
}

function damagedModel(): VecportError {
  return new VecportError('corrupt-data', 'A model record of the embedding cache is damaged.', {
    advice: 'Remove the folder of the cache and fill it again.',
  });
}
