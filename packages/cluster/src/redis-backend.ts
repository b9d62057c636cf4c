import type { Redis } from 'ioredis';
import type { Backend } from './backend.js';

/** The longest pause between two attempts to connect again. */
const LONGEST_PAUSE_MS = 1000;

/** A queue in Redis. Connections that are lost are made again for as long as they are open; commands wait for that. */
export async function redisBackend(url: string): Promise<Backend> {
  const { Redis: Client } = await import('ioredis');
  const options = {
    // BullMQ asks for it: a command waits until there is a connection again.
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    disconnectTimeout: 200,
    retryStrategy: (attempt: number) => Math.min(attempt * 50, LONGEST_PAUSE_MS),
  };
  const clients: Redis[] = [];
  const keep = (client: Redis): Redis => {
    // Whoever waits for an answer is told what is wrong; there is nothing more to do here.
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  // One connection for all but the waiting of workers, for which BullMQ makes twins.
  const client = keep(new Client(url, options));
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => keep(duplicate(override));
  return {
    connection: client,
    rateLimiter: async (points) => {
      const { RateLimiterRedis } = await import('rate-limiter-flexible');
      return new RateLimiterRedis({ storeClient: client, keyPrefix: '{vecport}:rate', points, duration: 1 });
    },
    // BullMQ says goodbye first, for which a server that is gone never lets it go: they would try to connect for ever.
    close: async () => {
      for (const one of clients) one.disconnect();
    },
  };
}
