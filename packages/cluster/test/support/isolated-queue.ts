import { randomBytes } from 'node:crypto';
import { serverUrl } from '@vecport/testkit';
import { Redis } from 'ioredis';
import pg from 'pg';

/** A queue of a test's own, in a real server. */
export interface IsolatedQueue {
  /** As it goes after `--cluster`. */
  readonly url: string;
  /** Lose all that is in it, as a server that comes back empty does. */
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** Servers that keep queues, as `npm run servers` names them. */
export const QUEUE_SERVERS = ['redis', 'pgvector'] as const;

/** A queue in a database of its own of a server. `number` tells the tests' files apart. */
export async function isolatedQueue(server: (typeof QUEUE_SERVERS)[number], number: number): Promise<IsolatedQueue> {
  return server === 'redis' ? redisQueue(number) : postgresQueue();
}

async function redisQueue(number: number): Promise<IsolatedQueue> {
  const url = `${serverUrl('redis')}/${number}`;
  const client = new Redis(url);
  await client.flushdb();
  return {
    url,
    empty: async () => {
      await client.flushdb();
    },
    remove: async () => {
      await client.flushdb();
      client.disconnect();
    },
  };
}

async function postgresQueue(): Promise<IsolatedQueue> {
  const server = new URL(serverUrl('pgvector').replace(/^pgvector:/, 'postgres:'));
  const name = `vecport_queue_${randomBytes(4).toString('hex')}`;
  const ask = async (url: string, sql: string): Promise<void> => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const own = new URL(server);
  own.pathname = `/${name}`;
  await ask(server.href, `CREATE DATABASE ${name}`);
  return {
    url: own.href,
    empty: async () => ask(own.href, 'DELETE FROM bullmq.job'),
    remove: async () => ask(server.href, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}
