import { redactUrl, type SettingSpec, type Settings, type StoreAddress, VecportError } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';
import { PROVIDER } from './provider.js';

export { PROVIDER } from './provider.js';

/** The schemes of a store URL: without and with TLS. */
export const SCHEMES: readonly string[] = Object.freeze([PROVIDER, `${PROVIDER}+https`]);

const REFRESH = ['true', 'wait_for', 'false'] as const;
const KEEP_ALIVE = /^[1-9]\d*(?:ms|s|m|h)$/;
const FINGERPRINT = /^(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}$/i;
/** Settings a URL may give in its query. */
const QUERY_SETTINGS = ['ca', 'fingerprint', 'timeout', 'refresh', 'keepAlive'];

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  {
    name: 'url',
    description: 'Address of the server, e.g. http://localhost:9200.',
    env: ['ELASTICSEARCH_URL'],
  },
  { name: 'apiKey', description: 'API key, as printed under "encoded".', env: ['ELASTICSEARCH_API_KEY'], secret: true },
  { name: 'username', description: 'User, where there is no API key.', env: ['ELASTICSEARCH_USERNAME'] },
  { name: 'password', description: "The user's password.", env: ['ELASTICSEARCH_PASSWORD'], secret: true },
  {
    name: 'ca',
    description: "Certificate authority of the server's certificate: a PEM file, or PEM text.",
    env: ['ELASTICSEARCH_CA'],
  },
  {
    name: 'fingerprint',
    description: "SHA-256 fingerprint of the certificate authority's certificate.",
    env: ['ELASTICSEARCH_FINGERPRINT'],
  },
  { name: 'timeout', description: 'Milliseconds a request may take without an answer.', default: '60000' },
  {
    name: 'refresh',
    description: 'When writes are visible: true (at once), wait_for (at the next refresh) or false (some time later).',
    default: 'true',
  },
  {
    name: 'keepAlive',
    description: 'How long the server keeps a point in time that nobody reads.',
    default: '5m',
  },
]);

/** When a write is visible to searches. */
type Refresh = (typeof REFRESH)[number];

/** Settings, checked. */
export interface ElasticConfig {
  /** `http:` or `https:`; empty where the application brings its own client. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
  readonly fingerprint: string | undefined;
  readonly timeoutMs: number;
  readonly refresh: Refresh;
  readonly keepAlive: string;
}

/**
 * Split `elastic://[user:password@]host:port[/prefix]/index[?setting=value]`, or the same with
 * `elastic+https`. The last part of the path is the index.
 * @throws VecportError `invalid-argument`, without printing secrets.
 */
export function parseUrl(url: string): StoreAddress {
  const parsed = parsedUrl(webAddress(url));
  const parts = parsed.pathname.split('/').filter((part) => part !== '');
  const collection = parts.pop();
  const query = [...parsed.searchParams];
  const unknown = query.find(([name]) => !QUERY_SETTINGS.includes(name));
  if (unknown !== undefined) {
    throw invalidArgument(
      `The URL '${redactUrl(url)}' has a query that means nothing: ${unknown[0]}.`,
      `A URL may give: ${QUERY_SETTINGS.join(', ')}.`,
    );
  }
  const tenant = decoded(parsed.hash.slice(1), url);
  return {
    settings: {
      url: [parsed.origin, ...parts].join('/'),
      ...Object.fromEntries(query),
      ...(parsed.username !== '' && { username: decoded(parsed.username, url) }),
      ...(parsed.password !== '' && { password: decoded(parsed.password, url) }),
    },
    collection: collection === undefined ? undefined : decoded(collection, url),
    tenant: tenant === '' ? undefined : tenant,
  };
}

/**
 * Check settings. A client of the application's own needs none of those for connecting.
 * @throws VecportError `invalid-argument` naming the setting.
 */
export function readConfig(settings: Settings, hasClient: boolean): ElasticConfig {
  const { apiKey, ca, fingerprint, refresh = 'true', keepAlive = '5m', timeout = '60000' } = settings;
  if (!REFRESH.some((known) => known === refresh)) throw wrongSetting('refresh', refresh, REFRESH.join(', '));
  if (!KEEP_ALIVE.test(keepAlive)) throw wrongSetting('keepAlive', keepAlive, 'a time like 5m or 30s');
  const timeoutMs = Number(timeout);
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) throw wrongSetting('timeout', timeout, 'milliseconds');
  if (fingerprint !== undefined && !FINGERPRINT.test(fingerprint))
    throw wrongSetting('fingerprint', fingerprint, '64 hexadecimal digits, with or without colons');
  const address = hasClient ? undefined : nodeAddress(settings['url'], { ca, fingerprint });
  return {
    url: address?.url ?? '',
    apiKey,
    username: settings['username'] ?? address?.username,
    password: settings['password'] ?? address?.password,
    ca,
    fingerprint,
    timeoutMs,
    refresh: refresh as Refresh,
    keepAlive,
  };
}

interface NodeAddress {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

function nodeAddress(url: string | undefined, tls: { ca: string | undefined; fingerprint: string | undefined }) {
  if (url === undefined) {
    throw invalidArgument('No Elasticsearch server is configured.', 'Set ELASTICSEARCH_URL, or give `url` in code.');
  }
  const parsed = parsedUrl(webAddress(url));
  if (parsed.protocol === 'http:' && (tls.ca !== undefined || tls.fingerprint !== undefined)) {
    throw invalidArgument(
      `'${redactUrl(url)}' is not encrypted, but a certificate authority is given.`,
      'Write https:// or elastic+https://, or leave `ca` and `fingerprint` out.',
    );
  }
  const { username, password } = parsed;
  const path = parsed.pathname.replace(/\/+$/, '');
  return {
    url: `${parsed.origin}${path}`,
    username: username === '' ? undefined : decoded(username, url),
    password: password === '' ? undefined : decoded(password, url),
  } satisfies NodeAddress;
}

function webAddress(url: string): string {
  return url.replace(/^elastic(\+https)?:(?=\/\/)/i, (_, tls?: string) => (tls === undefined ? 'http:' : 'https:'));
}

function parsedUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '') return parsed;
  throw invalidArgument(
    `'${redactUrl(url)}' is not the address of an Elasticsearch server.`,
    'It looks like http://host:9200, elastic://host:9200/index or elastic+https://host:9200/index.',
  );
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new VecportError('invalid-argument', `The URL '${redactUrl(url)}' has a % that starts no code.`, {
      provider: PROVIDER,
      advice: 'Write %25 for a % sign.',
      cause,
    });
  }
}

function wrongSetting(name: string, value: string, expected: string): VecportError {
  return invalidArgument(`The setting '${name}' is '${value}' and should be ${expected}.`);
}
