import { type SettingSpec, type Settings, type StoreAddress, VecportError } from '@vecport/abstractions';

/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'pinecone';

/** The public control plane. */
const DEFAULT_HOST = 'https://api.pinecone.io';

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  { name: 'apiKey', description: 'API key of the project.', env: ['PINECONE_API_KEY'], secret: true, required: true },
  {
    name: 'host',
    description: 'URL of the control plane; that of Pinecone Local for instance.',
    env: ['PINECONE_HOST', 'PINECONE_CONTROLLER_HOST'],
    default: DEFAULT_HOST,
  },
  {
    name: 'indexHost',
    description: 'URL of one index, which is then the only collection; the control plane is not asked.',
    env: ['PINECONE_INDEX_HOST'],
  },
  { name: 'index', description: 'Name of the index at indexHost.', env: ['PINECONE_INDEX'] },
  { name: 'cloud', description: 'Cloud of new indexes.', env: ['PINECONE_CLOUD'], default: 'aws' },
  { name: 'region', description: 'Region of new indexes.', env: ['PINECONE_REGION'], default: 'us-east-1' },
  { name: 'timeout', description: 'Milliseconds a request may take.', default: '60000' },
  { name: 'readyTimeout', description: 'Milliseconds a new index may take to become ready.', default: '300000' },
  {
    name: 'settleTimeout',
    description: 'Milliseconds a full read waits for a point that is listed and not yet given.',
    default: '10000',
  },
  {
    name: 'requestsPerSecond',
    description: 'Most requests a second to one index; 0 for no limit.',
    default: '100',
  },
  { name: 'parallel', description: 'Requests a full read has under way at once.', default: '8' },
]);

/** Settings as the adapter uses them. */
export interface PineconeSettings {
  readonly apiKey: string | undefined;
  readonly host: string;
  readonly indexHost: string | undefined;
  readonly index: string | undefined;
  readonly cloud: string;
  readonly region: string;
  readonly timeout: number;
  readonly readyTimeout: number;
  readonly settleTimeout: number;
  /** None if absent. */
  readonly requestsPerSecond: number | undefined;
  readonly parallel: number;
}

/**
 * Settings checked.
 * @throws VecportError `invalid-argument` naming the one that is wrong.
 */
export function parseSettings(settings: Settings): PineconeSettings {
  const text = (name: string): string | undefined => {
    const given = settings[name] ?? SETTINGS.find((spec) => spec.name === name)?.default;
    return given === '' ? undefined : given;
  };
  const number = (name: string, least: number): number => {
    const value = Number(text(name));
    if (Number.isFinite(value) && value >= least) return value;
    throw new VecportError('invalid-argument', `The setting ${name} is '${text(name)}'.`, {
      provider: PROVIDER,
      advice: `Give a number, at least ${least}.`,
    });
  };
  const perSecond = number('requestsPerSecond', 0);
  return {
    apiKey: text('apiKey'),
    host: parseOrigin('host', text('host') ?? DEFAULT_HOST, 'https:'),
    indexHost:
      text('indexHost') === undefined ? undefined : parseOrigin('indexHost', text('indexHost') ?? '', 'https:'),
    index: text('index'),
    cloud: text('cloud') ?? '',
    region: text('region') ?? '',
    timeout: number('timeout', 1),
    readyTimeout: number('readyTimeout', 1),
    settleTimeout: number('settleTimeout', 0),
    requestsPerSecond: perSecond === 0 ? undefined : perSecond,
    parallel: Math.floor(number('parallel', 1)),
  };
}

/**
 * Split `pinecone://<index>`, `pinecone:<index>` or, for the project as a whole, `pinecone:`; a namespace follows
 * after `#`. Both are percent-decoded.
 * @throws VecportError `invalid-argument` for anything else.
 */
export function parseUrl(url: string): StoreAddress {
  const rest = url.replace(/^pinecone:(?:\/\/)?/i, '');
  const hash = rest.indexOf('#');
  const name = decode((hash < 0 ? rest : rest.slice(0, hash)).replace(/\/$/, ''));
  const tenant = hash < 0 ? '' : decode(rest.slice(hash + 1));
  if (/[/?@:]/.test(name)) {
    throw new VecportError('invalid-argument', 'The URL is not pinecone://<index> or pinecone://<index>#<namespace>.', {
      provider: PROVIDER,
      advice: 'The API key is taken from PINECONE_API_KEY, hosts from PINECONE_HOST or PINECONE_INDEX_HOST.',
    });
  }
  return {
    settings: {},
    ...(name !== '' && { collection: name }),
    ...(tenant !== '' && { tenant }),
  };
}

/** The origin of a host that may lack its scheme. @throws VecportError `invalid-argument` naming the setting. */
export function parseOrigin(what: string, host: string, scheme: string): string {
  try {
    const { protocol, origin } = new URL(/^https?:\/\//i.test(host) ? host : `${scheme}//${host}`);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // It is refused below.
  }
  throw new VecportError('invalid-argument', `The setting ${what} is not the URL of a host.`, { provider: PROVIDER });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new VecportError('invalid-argument', 'The URL has a % that starts no code.', {
      provider: PROVIDER,
      advice: 'Write %25 for a % sign.',
      cause,
    });
  }
}
