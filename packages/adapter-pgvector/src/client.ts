import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import type { CallConfig, PgvectorConfig } from './config.js';
import { invalidArgument, pgCall } from './errors.js';

/** Longest wait for a server that does not answer, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Snapshots kept at the same time. */
const MAX_SNAPSHOTS = 4;

/** Fewest connections of an injected pool: a call, an export and a snapshot must fit beside each other. */
const LEAST_POOL = 4;

/** What one query of a client gives; the fields that are used. */
export interface PgResult {
  readonly rows: readonly (readonly (string | null)[])[];
}

/** One connection of the package `pg`; the methods that are used. */
interface PgConnection {
  query(config: object): Promise<unknown>;
  query(copy: Readable): Readable;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** A `Pool` of the package `pg`; what is used of it. */
export interface PgPool {
  readonly options?: { readonly max?: number | undefined } | undefined;
  connect(): Promise<PgConnection & { release(destroy?: boolean): void }>;
}

/** A connection somebody has for himself. */
export interface Lease {
  readonly connection: PgConnection;
  /** Hand it back; `destroy` when it is in a state nobody knows. Called once. */
  release(destroy: boolean): void;
}

/** Where connections come from. */
export interface Connections {
  /** For a call. */
  lease(): Promise<Lease>;
  /** For something that takes long; not bounded here unless the pool is injected. */
  leaseLong(): Promise<Lease>;
  /** How many there should be at most at the same time: for calls, for exports, and kept for snapshots. */
  readonly limits: { readonly calls: number; readonly exports: number; readonly snapshots: number };
  /** A stream of the package `pg-copy-streams`. */
  copyTo(sql: string): Readable & { readonly rowCount: number };
  /** Close what was opened here. */
  close(): Promise<void>;
}

/** Connections of our own; none is opened yet, but the files of the settings are read. */
export async function connect(config: PgvectorConfig, { connections, timeoutMs }: CallConfig): Promise<Connections> {
  const [{ default: pg }, copyTo, ssl] = await Promise.all([import('pg'), loadCopy(), tlsOptions(config)]);
  const { host, port, database, user, password } = config;
  const options: ClientConfig = {
    host,
    port,
    ...defined({ database, user, password }),
    ssl,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    fallback_application_name: 'vecport',
  };
  const pool = new pg.Pool({ ...options, max: connections });
  // An idle connection that breaks is replaced by the pool; the call that meets it gets the error.
  pool.on('error', () => undefined);
  const clients = new Set<Client>();
  return {
    limits: { calls: connections, exports: connections, snapshots: MAX_SNAPSHOTS },
    copyTo,
    lease: async () => poolLease(pool),
    leaseLong: async () =>
      pgCall(async () => {
        const client = new pg.Client(options);
        client.on('error', () => undefined);
        clients.add(client);
        client.once('end', () => clients.delete(client));
        try {
          await client.connect();
        } catch (error) {
          clients.delete(client);
          throw error;
        }
        return {
          connection: client as unknown as PgConnection,
          // A connection with a query under way is cut, any other says goodbye.
          release: () => void client.end().catch(() => undefined),
        };
      }),
    close: async () => {
      await pool.end();
      await Promise.all([...clients].map(async (client) => client.end()));
    },
  };
}

/**
 * Connections of the application's pool, which it closes.
 * @throws VecportError `invalid-argument` for what is no pool, or one that is too small.
 */
export async function usePool(client: unknown, { connections }: CallConfig): Promise<Connections> {
  if (!isPool(client)) throw invalidArgument('The injected client is not a Pool of the package pg.');
  const size = client.options?.max ?? 10;
  if (size < LEAST_POOL) {
    throw invalidArgument(`The injected pool has ${size} connections.`, `Give it at least ${LEAST_POOL}.`);
  }
  const copyTo = await loadCopy();
  return {
    limits: {
      calls: Math.min(connections, Math.floor(size / 2)),
      exports: Math.min(connections, Math.floor(size / 4)),
      snapshots: Math.min(MAX_SNAPSHOTS, Math.floor(size / 4)),
    },
    copyTo,
    lease: async () => poolLease(client),
    leaseLong: async () => poolLease(client),
    close: async () => undefined,
  };
}

async function poolLease(pool: PgPool): Promise<Lease> {
  const connection = await pgCall(async () => pool.connect());
  const ignore = (): void => undefined;
  connection.on('error', ignore);
  return {
    connection,
    release: (destroy) => {
      connection.removeListener('error', ignore);
      connection.release(destroy);
    },
  };
}

async function loadCopy(): Promise<Connections['copyTo']> {
  const { default: copy } = await import('pg-copy-streams');
  return (sql) => copy.to(sql, { highWaterMark: 256 * 1024 });
}

function isPool(client: unknown): client is PgPool {
  return typeof client === 'object' && client !== null && 'connect' in client && typeof client.connect === 'function';
}

async function tlsOptions({ sslMode, ca }: PgvectorConfig): Promise<false | ConnectionOptions> {
  if (sslMode === 'disable') return false;
  const trusted = ca === undefined ? {} : { ca: ca.includes('-----BEGIN') ? ca : await readCa(ca) };
  if (sslMode === 'require') return { ...trusted, rejectUnauthorized: false };
  return sslMode === 'verify-full' ? trusted : { ...trusted, checkServerIdentity: () => undefined };
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw invalidArgument(`The file '${path}' with the certificates cannot be read: ${String(cause)}`);
  }
}

function defined<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}
