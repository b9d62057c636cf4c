import { isVecportError, VecportError } from '@vecport/abstractions';
import type * as Redis from 'redis';
import type { RedisCacheOptions } from './redis-embedding-cache.js';

const CONNECT_TIMEOUT_MS = 5000;
/** Between two attempts to open a lost connection. */
const MAX_PAUSE_MS = 3000;

/** A connection to Redis: what it throws are `VecportError`s that show no password. */
export interface RedisConnection {
  /** An answer as text; `undefined` for none. */
  text(...command: readonly string[]): Promise<string | undefined>;
  /** An answer as bytes; `undefined` for none. */
  bytes(...command: readonly string[]): Promise<Buffer | undefined>;
  /** The fields and values of a hash. */
  pairs(...command: readonly string[]): Promise<readonly (readonly [string, string])[]>;
  /** Run a Lua script, as one step of the server. */
  script(source: string, keys: readonly string[], values: readonly (string | Buffer)[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Connect to a server, and ask it for a sign of life. */
export async function connectRedis({ url, connectTimeoutMs }: RedisCacheOptions): Promise<RedisConnection> {
  const { host } = parse(url);
  const { createClient, RESP_TYPES } = await loadPackage();
  const connectTimeout = connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  let connected = false;
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    // The first connection is made or refused at once; one that is lost later is opened again.
    socket: {
      connectTimeout,
      reconnectStrategy: (retries: number): number | false => connected && Math.min(100 * 2 ** retries, MAX_PAUSE_MS),
    },
  });
  // Each call that fails has its own error; this one is of the connection in between.
  client.on('error', () => {});
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw vecportError(error, host);
    }
  };
  await guard(async () => client.connect());
  connected = true;
  await guard(async () => client.ping());
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    text: async (...command) =>
      guard(async () => {
        const answer: unknown = await client.sendCommand(command);
        return typeof answer === 'string' || typeof answer === 'number' ? String(answer) : undefined;
      }),
    bytes: async (...command) =>
      guard(async () => {
        const answer: unknown = await binary.sendCommand(command);
        return Buffer.isBuffer(answer) ? answer : undefined;
      }),
    pairs: async (...command) =>
      guard(async () => {
        const answer: unknown = await client.sendCommand(command);
        const flat = Array.isArray(answer) ? answer.map(String) : [];
        return Array.from(
          { length: flat.length / 2 },
          (_, at) => [flat[at * 2] ?? '', flat[at * 2 + 1] ?? ''] as const,
        );
      }),
    script: async (source, keys, values) =>
      guard(async () => client.sendCommand(['EVAL', source, String(keys.length), ...keys, ...values])),
    close: async () => {
      if (client.isReady) await client.close().catch(() => client.destroy());
      else client.destroy();
    },
  };
}

function parse(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && /^rediss?:$/.test(parsed.protocol)) return parsed;
  throw new VecportError('invalid-argument', 'The address of the shared embedding cache is no redis: or rediss: URL.', {
    advice: 'For example redis://127.0.0.1:6379.',
  });
}

async function loadPackage(): Promise<typeof Redis> {
  try {
    return await import('redis');
  } catch (cause) {
    throw new VecportError('not-supported', "A shared embedding cache needs the package 'redis'.", {
      cause,
      advice: 'Install it: npm install redis.',
    });
  }
}

function vecportError(error: unknown, host: string): VecportError {
  if (isVecportError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const where = `The Redis server at ${host}`;
  if (/^(?:NOAUTH|WRONGPASS)/.test(text)) {
    return new VecportError('unauthorized', `${where} refuses the user or password.`, {
      cause: error,
      advice: 'Check the user and password in its URL.',
    });
  }
  if (text.startsWith('NOPERM')) return new VecportError('forbidden', `${where} refuses: ${text}.`, { cause: error });
  if (/^(?:OOM|MISCONF|READONLY)/.test(text)) {
    return new VecportError('storage', `${where} cannot store: ${text}.`, {
      cause: error,
      advice: 'Give it more memory, or clear entries.',
    });
  }
  if (/^[A-Z]{3,} /.test(text))
    return new VecportError('provider-error', `${where} answers: ${text}.`, { cause: error });
  return new VecportError('unavailable', `${where} cannot be reached: ${text || 'no connection'}.`, {
    cause: error,
    advice: 'Check that it is running and that the URL is right.',
  });
}
