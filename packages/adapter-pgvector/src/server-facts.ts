import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { notSupported } from './errors.js';
import type { VectorType } from './layout.js';
import type { Session } from './session.js';

/** What does not change while a server runs. */
export interface ServerFacts {
  /** For people: `PostgreSQL 18.4, pgvector 0.8.5`. */
  readonly version: string;
  /** E.g. 180004. */
  readonly versionNumber: number;
  /** When the server was started, as it prints it; tells its runs apart. */
  readonly startedAt: string;
  /** Schema of the extension, whose operators are found there alone. */
  readonly vectorSchema: string;
  /** Object ids of the types; those an older pgvector lacks are absent. */
  readonly types: Readonly<Partial<Record<VectorType, string>>>;
  /** Settings with which a search through an index gives as many rows as asked for. */
  readonly searchSettings: Readonly<Record<string, string>>;
}

const BIT_TYPE = '1560';
const VERSION_SQL = `SELECT current_setting('server_version_num'), current_setting('server_version'),
  extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text, e.extversion, n.nspname
FROM (SELECT 1) AS one
LEFT JOIN pg_catalog.pg_extension e ON e.extname = 'vector'
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace`;
const TYPES_SQL = `SELECT t.typname, t.oid::text FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_extension e ON e.extnamespace = t.typnamespace AND e.extname = 'vector'
WHERE t.typname IN ('vector', 'halfvec', 'sparsevec')`;

/** @throws VecportError `not-supported` where the database has no pgvector. */
export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const [row = []] = await session.query(VERSION_SQL);
  const [number, server, startedAt, extension, schema] = row;
  if (typeof number !== 'string' || typeof server !== 'string' || typeof startedAt !== 'string') throw strangeAnswer();
  if (typeof extension !== 'string' || typeof schema !== 'string') {
    throw notSupported(
      'This database does not have the extension pgvector.',
      'Run CREATE EXTENSION vector in it, as a role that may; many managed servers have it ready to be made.',
    );
  }
  const types = await session.query(TYPES_SQL);
  return {
    version: `PostgreSQL ${server.split(' ')[0]}, pgvector ${extension}`,
    versionNumber: Number(number),
    startedAt,
    vectorSchema: schema,
    types: { ...(Object.fromEntries(types) as Record<string, string>), bit: BIT_TYPE },
    searchSettings: hasIterativeScan(extension) ? ITERATIVE_SCAN : {},
  };
}

// Without these an index gives its first candidates to the filter and ends, however few pass.
const ITERATIVE_SCAN: Readonly<Record<string, string>> = {
  'hnsw.iterative_scan': 'strict_order',
  'hnsw.max_scan_tuples': '2147483647',
  'ivfflat.iterative_scan': 'relaxed_order',
};

function hasIterativeScan(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 0 || minor >= 8;
}

function strangeAnswer(): VecportError {
  return new VecportError('provider-error', 'The server does not answer like PostgreSQL.', { provider: PROVIDER });
}
