import { redactUrl, type SettingSpec, type Settings, type StoreAddress, VecportError } from '@vecport/abstractions';

/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'weaviate';

/** How long one request may take when nobody says, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  {
    name: 'url',
    description: 'Address of the server: http(s)://host[:port], or weaviate[+https]://host[:port].',
    env: ['WEAVIATE_URL'],
  },
  {
    name: 'apiKey',
    description: 'API key, sent as a bearer token.',
    env: ['WEAVIATE_API_KEY'],
    secret: true,
  },
  {
    name: 'grpcUrl',
    description: 'Address of the gRPC port, where it is not port 50051 of the same host (Weaviate Cloud is known).',
    env: ['WEAVIATE_GRPC_URL'],
  },
  {
    name: 'consistencyLevel',
    description: 'How many replicas must answer a read or write: ONE, QUORUM or ALL. The server decides if not said.',
    env: ['WEAVIATE_CONSISTENCY_LEVEL'],
  },
  {
    name: 'defaultIndex',
    description: 'Vector index of new collections whose description names none: hnsw, flat or dynamic.',
    env: ['WEAVIATE_DEFAULT_INDEX'],
    default: 'hnsw',
  },
  {
    name: 'timeout',
    description: 'Milliseconds one request may take.',
    env: ['WEAVIATE_TIMEOUT'],
    default: String(DEFAULT_TIMEOUT_MS),
  },
]);

/** A host and a port, with or without TLS. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** How many replicas must answer; the numbers are those of the gRPC interface. */
export const CONSISTENCY_LEVELS = { ONE: 1, QUORUM: 2, ALL: 3 } as const;

/** The settings, understood. */
export interface Config {
  readonly rest: Endpoint;
  /** What stands before `/v1` in paths of the REST interface, e.g. where a proxy is between. */
  readonly restPath: string;
  readonly grpc: Endpoint;
  readonly apiKey: string | undefined;
  readonly consistencyLevel: keyof typeof CONSISTENCY_LEVELS | undefined;
  readonly defaultIndex: string;
  readonly timeoutMs: number;
}

const DEFAULT_PORT = 8080;
const DEFAULT_GRPC_PORT = 50_051;
const CLOUD_HOST = /\.weaviate\.(?:cloud|network|io)$/i;
const SCHEMES: Readonly<Record<string, boolean>> = {
  http: false,
  https: true,
  weaviate: false,
  'weaviate+https': true,
  grpc: false,
  grpcs: true,
};
const DEFAULT_INDEXES = ['hnsw', 'flat', 'dynamic'];

/**
 * Split `weaviate://host[:port][/Collection][#tenant]`; `weaviate+https://` for TLS. The gRPC port is said by
 * `?grpc-port=50052` or, on another host, `?grpc=host:port`. An API key may stand before the host as in
 * `weaviate://:KEY@host`.
 * @throws VecportError `invalid-argument`, without printing secrets.
 */
export function parseUrl(url: string): StoreAddress {
  const parsed = asUrl(url, 'The URL');
  const path = parsed.pathname.replace(/^\//, '');
  const collection = decoded(path, url);
  if (collection.includes('/')) {
    throw wrong(`The URL '${redactUrl(url)}' has more than a collection after the host.`);
  }
  return {
    settings: {
      url: `${parsed.protocol}//${parsed.host}`,
      ...(parsed.password === '' ? {} : { apiKey: decoded(parsed.password, url) }),
      ...grpcFromQuery(parsed, url),
    },
    collection: collection === '' ? undefined : collection,
    tenant: parsed.hash.length < 2 ? undefined : decoded(parsed.hash.slice(1), url),
  };
}

/** @throws VecportError `invalid-argument` for a setting that makes no sense, or none that says where the server is. */
export function readConfig(settings: Settings): Config {
  const { url, apiKey, grpcUrl } = settings;
  if (url === undefined || url === '') {
    throw wrong(
      'No Weaviate server is configured.',
      'Set WEAVIATE_URL, pass the setting url, or open a URL like weaviate://localhost:8080/Collection.',
    );
  }
  const parsed = asUrl(url, 'The setting url');
  const rest = endpoint(parsed, isTls(parsed) ? 443 : DEFAULT_PORT);
  return {
    rest,
    restPath: parsed.pathname.replace(/\/+$/, '').replace(/\/v1$/, ''),
    grpc: grpcUrl === undefined || grpcUrl === '' ? defaultGrpc(rest) : grpcEndpoint(grpcUrl, rest),
    apiKey: apiKey === '' ? undefined : apiKey,
    consistencyLevel: consistencyOf(settings['consistencyLevel']),
    defaultIndex: indexOf(settings['defaultIndex']),
    timeoutMs: timeoutOf(settings['timeout']),
  };
}

function grpcFromQuery(parsed: URL, url: string): { readonly grpcUrl?: string } {
  for (const key of parsed.searchParams.keys()) {
    if (key !== 'grpc' && key !== 'grpc-port') throw wrong(`The URL '${redactUrl(url)}' has an unknown part '${key}'.`);
  }
  const address = parsed.searchParams.get('grpc');
  const port = parsed.searchParams.get('grpc-port');
  if (address !== null) return { grpcUrl: address };
  return port === null ? {} : { grpcUrl: `${isTls(parsed) ? 'grpcs' : 'grpc'}://${parsed.hostname}:${port}` };
}

// In Weaviate Cloud, gRPC has a host of its own on the port of HTTPS.
function defaultGrpc({ host, tls }: Endpoint): Endpoint {
  if (tls && CLOUD_HOST.test(host)) return { host: `grpc-${host}`, port: 443, tls };
  return { host, port: DEFAULT_GRPC_PORT, tls };
}

function grpcEndpoint(text: string, rest: Endpoint): Endpoint {
  const url = /^[a-z+]+:\/\//i.test(text) ? text : `${rest.tls ? 'grpcs' : 'grpc'}://${text}`;
  const parsed = asUrl(url, 'The setting grpcUrl');
  return endpoint(parsed, parsed.protocol === 'https:' ? 443 : DEFAULT_GRPC_PORT);
}

function endpoint(url: URL, defaultPort: number): Endpoint {
  const tls = isTls(url);
  // A special scheme drops its default port; the others have none.
  const known = url.protocol === 'http:' ? 80 : url.protocol === 'https:' ? 443 : defaultPort;
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? known : Number(url.port), tls };
}

function isTls(url: URL): boolean {
  return SCHEMES[url.protocol.slice(0, -1)] === true;
}

function asUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || SCHEMES[url.protocol.slice(0, -1)] === undefined || url.hostname === '') {
    throw wrong(`${what} '${redactUrl(text)}' is no address of a Weaviate server.`, 'Write weaviate://host:port.');
  }
  return url;
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

function consistencyOf(text: string | undefined): Config['consistencyLevel'] {
  if (text === undefined || text === '') return undefined;
  const level = text.toUpperCase();
  if (level === 'ONE' || level === 'QUORUM' || level === 'ALL') return level;
  throw wrong(`The consistency level '${text}' is not ONE, QUORUM or ALL.`);
}

function indexOf(text = 'hnsw'): string {
  if (DEFAULT_INDEXES.includes(text)) return text;
  throw wrong(`The default index '${text}' is not ${DEFAULT_INDEXES.join(', ')}.`);
}

function timeoutOf(text = String(DEFAULT_TIMEOUT_MS)): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw wrong(`The timeout '${text}' is no whole number of milliseconds above zero.`);
}

function wrong(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}
