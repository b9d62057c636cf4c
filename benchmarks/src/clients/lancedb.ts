import { connect } from '@lancedb/lancedb';
import { POINTS, pointsFrom } from '../providers/points.js';
import type { Place, PlainExport, ProviderClient } from './client.js';

const WINDOW = 10_000;

/** A table as the documentation of LanceDB makes one: from objects. */
export const lancedbClient: ProviderClient = {
  fill: async (place) => {
    const database = await connect(folderOf(place));
    const rows = pointsFrom(0, POINTS).map(({ id, vector, metadata }) => ({ id, vector, ...metadata }));
    await database.createTable(place.collection, rows);
    database.close();
  },
  drop: async (place) => {
    const database = await connect(folderOf(place));
    await database.dropAllTables();
    database.close();
  },
  exports: {
    'official client, toArray': async (place) => toArray(place),
  },
};

/** The folder of a store. */
export function folderOf({ storeUrl }: Place): string {
  return storeUrl.replace(/^lancedb:/, '');
}

async function toArray(place: Place): Promise<PlainExport> {
  const database = await connect(folderOf(place));
  const table = await database.openTable(place.collection);
  return {
    write: async (file) => {
      for (let offset = 0; ; offset += WINDOW) {
        const rows = (await table.query().limit(WINDOW).offset(offset).toArray()) as object[];
        if (rows.length === 0) return;
        await file.write(rows);
      }
    },
    close: async () => database.close(),
  };
}
