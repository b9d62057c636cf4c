import { redactUrl, type SettingSpec, type Settings, type StoreAddress, VecportError } from '@vecport/abstractions';

/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'qdrant';

/** URL schemes: gRPC in clear and with TLS, REST in clear and with TLS. */
export const SCHEMES = Object.freeze(['qdrant', 'qdrants', 'qdrant+http', 'qdrant+https']);

/** The port of Qdrant's REST interface when an address says none. */
const REST_PORT = 6333;

/** How points are read and written. Control calls always go over REST. */
export type Transport = 'grpc' | 'http';

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  {
    name: 'url',
    description: 'Address of the REST interface, e.g. http://localhost:6333; or host:port with the port of gRPC.',
    env: ['QDRANT_URL'],
    required: true,
  },
  {
    name: 'port',
    description: 'Port of the REST interface where the address does not say it.',
    env: ['QDRANT_PORT'],
    default: String(REST_PORT),
  },
  { name: 'apiKey', description: 'API key or JSON web token.', env: ['QDRANT_API_KEY'], secret: true },
  {
    name: 'transport',
    description: 'How points are read and written: grpc (faster) or http.',
    env: ['QDRANT_TRANSPORT'],
    default: 'grpc',
  },
  {
    name: 'grpcPort',
    description: 'Port of the gRPC interface on the same host.',
    env: ['QDRANT_GRPC_PORT'],
    default: '6334',
  },
  {
    name: 'timeout',
    description: 'Longest time a request may take, in milliseconds.',
    env: ['QDRANT_TIMEOUT'],
    default: '60000',
  },
]);

/** Settings that were understood. */
export interface QdrantConfig {
  /** Origin and path of the REST interface, without a slash at the end. */
  readonly restUrl: string;
  readonly host: string;
  readonly tls: boolean;
  readonly grpcPort: number;
  readonly transport: Transport;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
}

const SCHEME_MEANING: Readonly<Record<string, { readonly protocol: string; readonly transport: Transport }>> = {
  qdrant: { protocol: 'http', transport: 'grpc' },
  qdrants: { protocol: 'https', transport: 'grpc' },
  'qdrant+http': { protocol: 'http', transport: 'http' },
  'qdrant+https': { protocol: 'https', transport: 'http' },
};

/**
 * Split `qdrant://host[:6333][/collection][?grpc-port=6334][#tenant]`. The port is the REST one;
 * `qdrants:` is TLS, `qdrant+http:` and `qdrant+https:` read and write points over REST as well.
 * An API key may stand before the host (`qdrants://:key@host`).
 * @throws VecportError `invalid-argument`, without printing secrets.
 */
export function parseUrl(url: string): StoreAddress {
  const at = url.indexOf('://');
  const meaning = SCHEME_MEANING[url.slice(0, Math.max(at, 0)).toLowerCase()];
  // A scheme of its own has no default port, so that none is dropped as the default.
  const parsed = meaning && URL.parse(`qdrant${url.slice(at)}`);
  if (meaning === undefined || !parsed || parsed.hostname === '') {
    throw wrongUrl(url, 'is not of the form qdrant://host:6333/collection');
  }
  const path = parsed.pathname.replace(/^\/|\/$/g, '');
  if (path.includes('/')) throw wrongUrl(url, 'has more in its path than the name of a collection');
  const grpcPort = queryOf(parsed, url);
  const key = decoded(parsed.password === '' ? parsed.username : parsed.password, url);
  return {
    settings: {
      url: `${meaning.protocol}://${parsed.hostname}:${parsed.port === '' ? REST_PORT : parsed.port}`,
      transport: meaning.transport,
      ...(grpcPort === undefined ? {} : { grpcPort }),
      ...(key === '' ? {} : { apiKey: key }),
    },
    ...(path === '' ? {} : { collection: decoded(path, url) }),
    ...(parsed.hash.length < 2 ? {} : { tenant: decoded(parsed.hash.slice(1), url) }),
  };
}

/**
 * Understand settings.
 * @throws VecportError `invalid-argument`: nothing is configured, or a value is not what it must be.
 */
export function readConfig(settings: Settings): QdrantConfig {
  const { url } = settings;
  if (url === undefined) {
    throw invalid('No Qdrant server is configured.', 'Set QDRANT_URL, e.g. to http://localhost:6333.');
  }
  const restPort = String(integer('port', settings['port'] ?? String(REST_PORT), 65_535));
  const bare = bareAddress(url, restPort);
  const parsed = URL.parse(bare?.url ?? url);
  if (!parsed || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw invalid(`The url '${redactUrl(url)}' is not an http or https address.`, 'Write e.g. http://localhost:6333.');
  }
  const tls = parsed.protocol === 'https:';
  const port = portOf(bare?.url ?? url) ?? restPort;
  const path = parsed.pathname.replace(/\/+$/, '');
  return {
    restUrl: `${parsed.protocol}//${parsed.hostname}:${port}${path}`,
    host: parsed.hostname,
    tls,
    grpcPort: integer('grpcPort', bare?.grpcPort ?? settings['grpcPort'] ?? '6334', 65_535),
    transport: transportOf(settings['transport'] ?? 'grpc'),
    apiKey: settings['apiKey'] === '' ? undefined : settings['apiKey'],
    timeoutMs: integer('timeout', settings['timeout'] ?? '60000', 2 ** 31 - 1),
  };
}

function queryOf(parsed: URL, url: string): string | undefined {
  for (const name of parsed.searchParams.keys()) {
    if (name !== 'grpc-port') throw wrongUrl(url, `has the parameter '${name}'; only grpc-port is known`);
  }
  return parsed.searchParams.get('grpc-port') ?? undefined;
}

// `host:port` without a scheme, as Qdrant's gRPC clients take it: the port is that of gRPC unless it is the REST one.
function bareAddress(url: string, restPort: string): { readonly url: string; readonly grpcPort?: string } | undefined {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^/?#@:[\]\s]+)(?::(\d+))?$/i.exec(url) ?? [];
  if (host === undefined) return undefined;
  const rest = `http://${host}:${restPort}`;
  return port === undefined || port === restPort ? { url: rest } : { url: rest, grpcPort: port };
}

// `URL` drops a port that is the scheme's own, which is not Qdrant's.
function portOf(url: string): string | undefined {
  return /^https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*):(\d+)/i.exec(url)?.[1];
}

function transportOf(value: string): Transport {
  if (value === 'grpc' || value === 'http') return value;
  throw invalid(`The transport '${value}' is not known.`, 'It can be grpc or http.');
}

function integer(name: string, value: string, most: number): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= most) return number;
  throw invalid(`The setting ${name} is '${value}'.`, `It must be an integer from 1 to ${most}.`);
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrongUrl(url, 'has a % that starts no code');
  }
}

function wrongUrl(url: string, problem: string): VecportError {
  const shown = redactUrl(url).replace(/\/\/[^/@]*@/, '//***@');
  return invalid(`The URL '${shown}' ${problem}.`, 'Write e.g. qdrant://localhost:6333/articles.');
}

function invalid(reason: string, advice: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}
