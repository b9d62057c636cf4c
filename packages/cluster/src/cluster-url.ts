import { redactUrl, VecportError } from '@vecport/abstractions';

/** What keeps the queue. */
type QueueKind = 'redis' | 'postgres';

/** Where the queue is. */
export interface ClusterAddress {
  readonly kind: QueueKind;
  /** With its secrets. */
  readonly url: string;
  /** As it may be shown. */
  readonly shown: string;
}

const KINDS: Readonly<Record<string, QueueKind>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/**
 * Where a cluster URL points to: `redis://`, `rediss://` (TLS) or `postgres://`.
 * @throws VecportError `invalid-argument` for anything else.
 */
export function parseClusterUrl(url: string): ClusterAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const kind = parsed === undefined ? undefined : KINDS[parsed.protocol];
  if (kind !== undefined) return { kind, url, shown: redactUrl(url) };
  throw new VecportError('invalid-argument', `'${redactUrl(url)}' is not the URL of a queue.`, {
    advice: 'Name a Redis or a PostgreSQL: redis://host:6379, rediss://host:6379 or postgres://user@host/database.',
  });
}
