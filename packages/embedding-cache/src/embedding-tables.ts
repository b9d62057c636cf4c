import type { DatabaseSync } from 'node:sqlite';
import { checkEntries, checkModelId } from './cache-checks.js';
import type { EmbeddingEntry, EmbeddingKey, EmbeddingModelStats } from './embedding-cache.js';
import { sealEmbedding, unsealEmbedding } from './embedding-checksum.js';
import { modelTable } from './model-table.js';

/** The tables of the models and their embeddings. What writes runs inside a transaction. */
export interface EmbeddingTables {
  /** @throws VecportError `corrupt-data` */
  get(key: EmbeddingKey): Float32Array | undefined;
  /** @throws VecportError `invalid-argument`, `dimension-mismatch`, `corrupt-data` */
  setMany(entries: readonly EmbeddingEntry[]): void;
  /** @throws VecportError `corrupt-data` */
  models(): readonly EmbeddingModelStats[];
  /** Gives the number of embeddings removed. @throws VecportError `invalid-argument` */
  clear(modelId: string | undefined): number;
}

/** The statements of a cache, prepared once. */
export function embeddingTables(database: DatabaseSync): EmbeddingTables {
  const models = modelTable(database);
  const find = database.prepare(`
    SELECT numbers, checksum, dimension FROM models JOIN embeddings ON model = number WHERE id = ? AND hash = ?`);
  const put = database.prepare(`
    INSERT INTO embeddings (model, hash, numbers, checksum) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET numbers = excluded.numbers, checksum = excluded.checksum`);
  const removeAll = database.prepare('DELETE FROM embeddings');
  const remove = database.prepare('DELETE FROM embeddings WHERE model = (SELECT number FROM models WHERE id = ?)');
  return {
    get: (key) => {
      const row = find.get(Buffer.from(key.modelId), hashBytes(key));
      return row && unsealEmbedding(key, row);
    },
    setMany: (entries) => {
      const { list, dimensions } = checkEntries(entries, (modelId) => models.find(modelId)?.dimension);
      const byModel = Map.groupBy(list, ({ modelId }) => modelId);
      for (const [modelId, dimension] of dimensions) {
        const model = models.numberOf(modelId, dimension);
        for (const entry of byModel.get(modelId) ?? []) {
          const { numbers, checksum } = sealEmbedding(entry, entry.embedding);
          put.run(model, hashBytes(entry), numbers, checksum);
        }
      }
    },
    models: () => models.list(),
    clear: (modelId) => {
      if (modelId !== undefined) checkModelId(modelId);
      const { changes } = modelId === undefined ? removeAll.run() : remove.run(Buffer.from(modelId));
      models.remove(modelId);
      return Number(changes);
    },
  };
}

function hashBytes({ contentHash }: EmbeddingKey): Buffer {
  return Buffer.from(contentHash, 'hex');
}
