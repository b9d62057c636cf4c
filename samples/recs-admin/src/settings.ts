import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { redactUrl, VecportError } from '@vecport/abstractions';
import { z } from 'zod';

/** This sample's folder, from `src` and from `dist` alike. */
export const SAMPLE_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** The collection of vectors when neither the store's URL nor `VECPORT_COLLECTION` names one. */
const DEFAULT_COLLECTION = 'emoji';

/** What the application is told by its environment. */
export interface AppSettings {
  /** Where the embedded vector store, the items and the embedding cache live. `VECPORT_DATA`; `.data` in this sample if not said. */
  readonly dataFolder: string;
  /** URL or adapter name of the vector store. `VECPORT_STORE`; LanceDB in the data folder if not said. */
  readonly store: string;
  /** `VECPORT_COLLECTION`; a collection named by the store's URL comes before it. */
  readonly collection: string;
  /** `EMBEDDING_MODEL`: the model that made the vectors, for providers that do not keep it with the collection. */
  readonly embeddingModel: string | undefined;
  /** A Redis server that keeps the embedding cache, shared by machines. `EMBEDDING_CACHE_URL`; a folder in the data folder if not said. */
  readonly embeddingCache: string | undefined;
  /** Where texts are embedded: an OpenAI-compatible service. `EMBEDDING_URL`, with `EMBEDDING_API_KEY` and `EMBEDDING_MODEL`. */
  readonly embeddingService: EmbeddingServiceSettings | undefined;
  /** Exports are made in folders of their own below it. `VECPORT_EXPORTS`; `exports` in the working directory if not said. */
  readonly exportsFolder: string;
  /** The queue of a cluster that is to be shown. `VECPORT_CLUSTER`; none if not said. */
  readonly cluster: string | undefined;
  /** The address to listen at. `VECPORT_HOST`; 127.0.0.1, which only this machine reaches, if not said. */
  readonly host: string;
  /** Names of hosts, without ports, by which browsers reach it besides those of this machine. `VECPORT_PUBLIC_HOSTS`, with commas between. */
  readonly publicHosts: readonly string[];
  /** What the administrator's side asks for. `ADMIN_PASSWORD`; nobody has to sign in without one. */
  readonly adminPassword: string | undefined;
  /** `LOG_LEVEL`. */
  readonly logLevel: LogLevel;
}

/** An OpenAI-compatible service of embeddings. */
interface EmbeddingServiceSettings {
  /** What comes before `/embeddings`. */
  readonly url: string;
  readonly apiKey: string | undefined;
}

const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);

/** The levels of pino. */
type LogLevel = z.infer<typeof logLevel>;

/** Variables of an environment; an empty one counts as not set. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Settings from variables.
 * @throws VecportError `invalid-argument` for a log level there is not, and for an address beyond this machine without a
 * password of at least 12 characters.
 */
export function readSettings(variables: Variables): AppSettings {
  const dataFolder = resolve(textOf(variables, 'VECPORT_DATA') ?? join(SAMPLE_FOLDER, '.data'));
  const level = logLevel.safeParse(textOf(variables, 'LOG_LEVEL') ?? 'info');
  if (!level.success) {
    throw new VecportError('invalid-argument', `LOG_LEVEL is '${variables['LOG_LEVEL']}', which is no log level.`, {
      advice: `Use one of ${logLevel.options.join(', ')}.`,
    });
  }
  return {
    ...accessOf(variables),
    dataFolder,
    store: textOf(variables, 'VECPORT_STORE') ?? embeddedStore(variables, dataFolder),
    collection: textOf(variables, 'VECPORT_COLLECTION') ?? DEFAULT_COLLECTION,
    embeddingModel: textOf(variables, 'EMBEDDING_MODEL'),
    embeddingCache: textOf(variables, 'EMBEDDING_CACHE_URL'),
    embeddingService: embeddingService(variables),
    exportsFolder: resolve(textOf(variables, 'VECPORT_EXPORTS') ?? 'exports'),
    cluster: textOf(variables, 'VECPORT_CLUSTER'),
    logLevel: level.data,
  };
}

/** The embedding cache's folder, or its server without secrets. */
export function cachePlaceOf({ embeddingCache, dataFolder }: AppSettings): string {
  return embeddingCache === undefined ? join(dataFolder, 'embedding-cache') : redactUrl(embeddingCache);
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);
const LEAST_PASSWORD = 12;

function accessOf(variables: Variables): Pick<AppSettings, 'host' | 'publicHosts' | 'adminPassword'> {
  const host = textOf(variables, 'VECPORT_HOST') ?? '127.0.0.1';
  const adminPassword = textOf(variables, 'ADMIN_PASSWORD');
  const publicHosts = (textOf(variables, 'VECPORT_PUBLIC_HOSTS') ?? '').split(',').flatMap((name) => name.trim() || []);
  if (!LOOPBACK.has(host) && (adminPassword ?? '').length < LEAST_PASSWORD) {
    throw new VecportError('invalid-argument', `VECPORT_HOST is ${host}, which others can reach.`, {
      advice: `Set ADMIN_PASSWORD to one of at least ${LEAST_PASSWORD} characters, and put TLS in front.`,
    });
  }
  return { host, adminPassword, publicHosts };
}

function embeddingService(variables: Variables): EmbeddingServiceSettings | undefined {
  const url = textOf(variables, 'EMBEDDING_URL');
  if (url === undefined) return undefined;
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return { url, apiKey: textOf(variables, 'EMBEDDING_API_KEY') };
  throw new VecportError('invalid-argument', 'EMBEDDING_URL is no http or https URL.', {
    advice: 'For example http://127.0.0.1:11434/v1 for Ollama on this machine.',
  });
}

function embeddedStore(variables: Variables, dataFolder: string): string {
  return textOf(variables, 'LANCEDB_PATH') === undefined
    ? `lancedb:${encodeURI(join(dataFolder, 'vectors'))}`
    : 'lancedb';
}

function textOf(variables: Variables, name: string): string | undefined {
  const value = variables[name];
  return value === '' ? undefined : value;
}
