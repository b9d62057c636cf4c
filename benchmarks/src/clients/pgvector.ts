import pg from 'pg';
import { DIMENSION, pointGroups } from '../providers/points.js';
import type { Place, PlainExport, ProviderClient } from './client.js';

const PAGE = 1000;

/** A table as the documentation of pgvector makes one, with the metadata as jsonb. */
export const pgvectorClient: ProviderClient = {
  fill: async (place) => {
    const client = await connect(place);
    const table = place.collection;
    await client.query(
      `CREATE TABLE ${table} (id uuid PRIMARY KEY, embedding vector(${DIMENSION}), metadata jsonb NOT NULL)`,
    );
    for (const points of pointGroups(PAGE)) {
      await client.query(
        `INSERT INTO ${table} SELECT id, vector::vector, metadata FROM unnest($1::uuid[], $2::text[], $3::jsonb[]) AS t(id, vector, metadata)`,
        [
          points.map(({ id }) => id),
          points.map(({ vector }) => JSON.stringify(vector)),
          points.map(({ metadata }) => JSON.stringify(metadata)),
        ],
      );
    }
    await client.query(`VACUUM ANALYZE ${table}`);
    await client.end();
  },
  drop: async (place) => {
    const client = await connect(place);
    await client.query(`DROP TABLE IF EXISTS ${place.collection}`);
    await client.end();
  },
  exports: {
    'pg, pages by key': async (place) => pagesByKey(place),
  },
};

async function connect({ storeUrl }: Place): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: storeUrl.replace(/^pgvector:/, 'postgres:') });
  await client.connect();
  return client;
}

interface Row {
  readonly id: string;
  /** `[1,2,3]`. */
  readonly embedding: string;
  readonly metadata: unknown;
}

async function pagesByKey(place: Place): Promise<PlainExport> {
  const client = await connect(place);
  return {
    write: async (file) => {
      let after = '00000000-0000-0000-0000-000000000000';
      const sql = `SELECT id, embedding, metadata FROM ${place.collection} WHERE id > $1 ORDER BY id LIMIT ${PAGE}`;
      for (;;) {
        const { rows } = await client.query<Row>(sql, [after]);
        const last = rows.at(-1);
        if (last === undefined) return;
        await file.write(rows.map((row) => ({ ...row, embedding: JSON.parse(row.embedding) as number[] })));
        after = last.id;
      }
    },
    close: async () => client.end(),
  };
}
