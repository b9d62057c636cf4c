import type { BackendFactory, IQueueBackend } from 'bullmq';
import type { Pool, PoolClient } from 'pg';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Backend } from './backend.js';

/** BullMQ's own schema: what it makes there is its business. */
const SCHEMA = 'bullmq';
/** Each worker listens on a connection of its own; the rest is for short questions. */
const MOST_CONNECTIONS = 12;

/** A queue in PostgreSQL 13 or newer. Its tables are made, or brought up to date, when it is first used. */
export async function postgresBackend(url: string): Promise<Backend> {
  const [{ createPostgresBackend, runMigrations }, pg] = await Promise.all([import('bullmq'), import('pg')]);
  const pool = new pg.default.Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    options: `-c search_path=${SCHEMA}`,
  });
  // A connection that is lost while it is idle is replaced; whoever uses one is told.
  pool.on('error', () => undefined);
  await migrated(pool, async (client) => runMigrations(client, SCHEMA));
  return {
    factory: createPostgresBackend as unknown as BackendFactory<IQueueBackend, unknown>,
    connection: pool,
    rateLimiter: async (points) => limiterOf(pool, points),
    close: async () => pool.end(),
  };
}

async function migrated(pool: Pool, migrate: (client: PoolClient) => Promise<unknown>): Promise<void> {
  try {
    const client = await pool.connect();
    try {
      await migrate(client);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function limiterOf(storeClient: Pool, points: number): Promise<RateLimiterAbstract> {
  const { RateLimiterPostgres } = await import('rate-limiter-flexible');
  return new Promise((resolve, reject) => {
    const limiter: RateLimiterAbstract = new RateLimiterPostgres(
      {
        ...{ storeClient, points },
        storeType: 'pool',
        schemaName: SCHEMA,
        tableName: 'vecport_rate',
        keyPrefix: 'rate',
        duration: 1,
        clearExpiredByTimeout: false,
      },
      (error?: Error) => (error === undefined || error === null ? resolve(limiter) : reject(error)),
    );
  });
}
