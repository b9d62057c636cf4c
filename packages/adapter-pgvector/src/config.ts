import { redactUrl, type SettingSpec, type Settings, type StoreAddress, VecportError } from '@vecport/abstractions';

/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'pgvector';

/** URL scheme of connections whose server certificate is checked. */
export const TLS_SCHEME = 'pgvector+tls';

/** How a connection is encrypted: not at all, without or with a check of the certificate, with one of the host name too. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** One of {@link SSL_MODES}. */
type SslMode = (typeof SSL_MODES)[number];

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  {
    name: 'url',
    description: 'The whole address: pgvector://user:password@host:5432/database. A postgres:// URL will do as well.',
    env: ['PGVECTOR_URL'],
    secret: true,
  },
  { name: 'host', description: 'Host of the server, or the folder of its socket.' },
  { name: 'port', description: 'Port of the server; 5432 if not said.' },
  { name: 'database', description: 'Database; if not said, the one called like the user.' },
  { name: 'user', description: 'Role to connect as; if not said, that of the operating system.' },
  { name: 'password', description: 'Password of the role.', secret: true },
  { name: 'schema', description: 'Schema of the tables that are named without one.', default: 'public' },
  {
    name: 'sslmode',
    description: `Encryption: ${SSL_MODES.join(', ')}. If not said: disable, or verify-full with ${TLS_SCHEME}.`,
  },
  { name: 'ca', description: 'Certificates that are trusted: PEM text, or the path of a file with it.' },
  { name: 'timeout', description: 'Longest time of one call in milliseconds.', default: '60000' },
  { name: 'connections', description: 'Connections for calls at most, and as many again for exports.', default: '8' },
]);

/** Where and how to connect. */
export interface PgvectorConfig {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly sslMode: SslMode;
  readonly ca: string | undefined;
}

/** What holds for an injected client too. */
export interface CallConfig {
  readonly schema: string;
  readonly timeoutMs: number;
  readonly connections: number;
}

const PARAMETERS: readonly string[] = ['host', 'schema', 'sslmode', 'ca', 'timeout', 'connections'];

/**
 * Split `pgvector://user:password@host:port/database?schema=…&sslmode=…#schema.table`. Each part is percent-decoded.
 * @throws VecportError `invalid-argument` for what is no such URL and for an unknown parameter.
 */
export function parseUrl(url: string): StoreAddress {
  const { settings, collection } = splitUrl(url);
  return { settings, collection };
}

/**
 * The address of the server from the settings: those of `url`, and over them the single ones; with a `host` of its own
 * the single ones alone.
 * @throws VecportError `invalid-argument` when there is none, or a value is not one that can be.
 */
export function readConfig(settings: Settings): PgvectorConfig {
  const merged = merge(settings);
  const host = merged['host'];
  if (host === undefined) {
    throw invalid(
      'No PostgreSQL server is configured.',
      'Set PGVECTOR_URL, e.g. pgvector://user:password@host:5432/database.',
    );
  }
  return {
    host,
    port: readNumber('port', merged['port'] ?? '5432', 65_535),
    database: merged['database'],
    user: merged['user'],
    password: merged['password'],
    sslMode: readSslMode(merged['sslmode'] ?? 'disable'),
    ca: merged['ca'],
  };
}

/** @throws VecportError `invalid-argument` for a value that is not one that can be. */
export function readCallConfig(settings: Settings): CallConfig {
  const merged = merge(settings);
  return {
    schema: merged['schema'] ?? 'public',
    timeoutMs: readNumber('timeout', merged['timeout'] ?? '60000', 2 ** 31 - 1),
    connections: readNumber('connections', merged['connections'] ?? '8', 1000),
  };
}

// A default of a single setting must not win over what the URL says. A host of its own is another server, to which the
// password of the URL must not go.
function merge(settings: Settings): Settings {
  const { url, ...single } = settings;
  const known = url === undefined || single['host'] !== undefined ? {} : splitUrl(url).settings;
  const own = Object.entries(single).filter(
    ([name, value]) => value !== undefined && !(isDefault(name, value) && name in known),
  );
  return { ...known, ...Object.fromEntries(own) };
}

function isDefault(name: string, value: string): boolean {
  return SETTINGS.find((spec) => spec.name === name)?.default === value;
}

function splitUrl(text: string): StoreAddress {
  const url = URL.parse(text);
  const scheme = url?.protocol.slice(0, -1) ?? '';
  if (url === null || ![PROVIDER, TLS_SCHEME, 'postgres', 'postgresql'].includes(scheme)) {
    throw invalid(
      `'${redactUrl(text)}' is not a URL of PostgreSQL.`,
      'Write pgvector://user:password@host:5432/database#table.',
    );
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw invalid(`The URL has an unknown parameter '${unknown}'.`, `It can have: ${PARAMETERS.join(', ')}.`);
  }
  const settings = withoutEmpty({
    host: decode(url.hostname.replace(/^\[(.*)\]$/, '$1'), text),
    port: url.port,
    database: decode(url.pathname.replace(/^\//, ''), text),
    user: decode(url.username, text),
    password: decode(url.password, text),
    ...(scheme === TLS_SCHEME ? { sslmode: 'verify-full' } : {}),
    ...Object.fromEntries(url.searchParams),
  });
  if (scheme === TLS_SCHEME && settings['sslmode'] === 'disable') {
    throw invalid(`${TLS_SCHEME} and sslmode=disable contradict each other.`);
  }
  const table = decode(url.hash.replace(/^#/, ''), text);
  return { settings, collection: table === '' ? undefined : table };
}

function withoutEmpty(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''));
}

function decode(part: string, url: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(`The URL '${redactUrl(url)}' has a % that starts no code.`, 'Write %25 for a % sign.');
  }
}

function readNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value > 0 && value <= most) return value;
  throw invalid(`The setting '${name}' must be a whole number from 1 to ${most}.`);
}

function readSslMode(text: string): SslMode {
  const mode = SSL_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw invalid(`There is no sslmode '${text}' here.`, `Choose one of: ${SSL_MODES.join(', ')}.`);
}

function invalid(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}
