import { type SettingSpec, type Settings, type StoreAddress, VecportError } from '@vecport/abstractions';

/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'milvus';

const SCHEMES = ['milvus:', 'milvus+https:'];
const DEFAULT_PORT = 19530;
const INDEX_TYPES = ['FLAT', 'HNSW', 'IVF_FLAT', 'AUTOINDEX'] as const;

/** The index a new vector gets when its description names none. */
export type DefaultIndex = (typeof INDEX_TYPES)[number];

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  {
    name: 'url',
    description: 'Address of the server: milvus://host:19530, or milvus+https://host:443 with TLS.',
    env: ['MILVUS_URL'],
    required: true,
  },
  {
    name: 'token',
    description: 'API key, or user:password.',
    env: ['MILVUS_TOKEN'],
    secret: true,
  },
  { name: 'database', description: 'Database; the default one if not said.', env: ['MILVUS_DATABASE'] },
  { name: 'ca', description: 'PEM certificates that are trusted instead of the system’s.', env: ['MILVUS_CA'] },
  {
    name: 'load',
    description: 'Load collections into the memory of the server when they are opened: true or false.',
    default: 'true',
  },
  {
    name: 'index',
    description: `Index of a vector whose description names none: ${INDEX_TYPES.join(', ')}. FLAT is exact.`,
    default: 'FLAT',
  },
  { name: 'timeout', description: 'Milliseconds a request may take.', default: '60000' },
]);

/** The settings, parsed. */
export interface MilvusConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly ca: string | undefined;
  readonly token: string | undefined;
  readonly database: string | undefined;
  readonly load: boolean;
  readonly index: DefaultIndex;
  readonly timeoutMs: number;
}

/** The settings that do not say where the server is. */
export type CallConfig = Pick<MilvusConfig, 'database' | 'load' | 'index' | 'timeoutMs'>;

/**
 * Split `milvus://host:port/collection#partition`. User and password before the host are the token; `?database=`
 * names the database.
 * @throws VecportError `invalid-argument` for a URL without host or with a part it does not know.
 */
export function parseUrl(url: string): StoreAddress {
  const parsed = parseAddress(url);
  const [collection, ...rest] = parsed.pathname.split('/').slice(1).map(decode);
  if (rest.some((part) => part !== ''))
    throw wrong('A Milvus URL names one collection: milvus://host:19530/collection.');
  const unknown = [...parsed.searchParams.keys()].find((key) => key !== 'database');
  if (unknown !== undefined) throw wrong(`The URL says '${unknown}', which is not a setting that a URL can hold.`);
  const token = [parsed.username, parsed.password].filter((part) => part !== '').map(decode);
  return {
    settings: {
      url: `${parsed.protocol}//${parsed.host}`,
      ...(token.length > 0 ? { token: token.join(':') } : {}),
      ...(parsed.searchParams.has('database') ? { database: parsed.searchParams.get('database') ?? '' } : {}),
    },
    ...(collection === undefined || collection === '' ? {} : { collection }),
    ...(parsed.hash.length > 1 ? { tenant: decode(parsed.hash.slice(1)) } : {}),
  };
}

/** Everything `open` needs. @throws VecportError `invalid-argument` naming the setting that is wrong. */
export function readConfig(settings: Settings): MilvusConfig {
  const { url } = settings;
  if (url === undefined || url === '') {
    throw wrong('Nothing says where Milvus is.', 'Set MILVUS_URL, or the setting url, e.g. milvus://localhost:19530.');
  }
  const parsed = parseAddress(url);
  const tls = parsed.protocol === 'milvus+https:';
  const fromUrl = parseUrl(url).settings;
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (tls ? 443 : DEFAULT_PORT) : Number(parsed.port),
    tls,
    ca: settings['ca'],
    token: settings['token'] ?? fromUrl['token'],
    ...readCallConfig({ ...settings, database: settings['database'] ?? fromUrl['database'] }),
  };
}

/** The settings that also matter when the application brings its own client. */
export function readCallConfig(settings: Settings): CallConfig {
  const { database, load = 'true', index = 'FLAT', timeout = '60000' } = settings;
  if (load !== 'true' && load !== 'false') throw wrong(`The setting load is '${load}'; it must be true or false.`);
  const defaultIndex = INDEX_TYPES.find((type) => type === index.toUpperCase());
  if (defaultIndex === undefined) throw wrong(`The setting index is '${index}'; it must be ${INDEX_TYPES.join(', ')}.`);
  const timeoutMs = Number(timeout);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw wrong(`The setting timeout is '${timeout}'; it must be a number of milliseconds.`);
  }
  return { database: database === '' ? undefined : database, load: load === 'true', index: defaultIndex, timeoutMs };
}

function parseAddress(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong('The address of Milvus is not a URL.', 'Write it like milvus://localhost:19530.');
  }
  if (!SCHEMES.includes(parsed.protocol) || parsed.hostname === '') {
    throw wrong('The address of Milvus has no host or another scheme.', 'Write it like milvus://localhost:19530.');
  }
  return parsed;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('The URL has a % that starts no code.', 'Write %25 for a % sign.');
  }
}

function wrong(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}
