import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { idleAgent } from '../object/idle-agent.js';
import { importClient } from '../object/import-client.js';
import { GcsError } from './gcs-error.js';
import type { GcsSettings } from './gcs-settings.js';
import { readText, sendHttp } from './send-http.js';

/** A request of the JSON API. */
interface GcsRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | undefined;
  /** A path below the endpoint, or a whole URL. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** Statuses besides 2xx that are answers and not errors. */
  readonly accepts?: readonly number[] | undefined;
  /** The body of an answer that is no error is left to be read. */
  readonly streams?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** The answer to a request. */
export interface GcsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty where the body is left to be read. */
  readonly text: string;
  readonly body: IncomingMessage;
}

/** Makes a request, once. */
export type GcsClient = (request: GcsRequest) => Promise<GcsAnswer>;

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';

/**
 * Google's client finds the credentials and renews their tokens; the requests are made here, as its own can neither be
 * broken off nor be kept from trying again by themselves.
 * @throws StorageError `not-installed`.
 */
export async function connectGcs(settings: GcsSettings, timeoutMs: number): Promise<GcsClient> {
  const { endpoint, isOwnEndpoint, credentialsFile, project } = settings;
  const agent = idleAgent(endpoint.startsWith('https:'), timeoutMs);
  const anonymous = isOwnEndpoint && credentialsFile === undefined;
  const auth = anonymous ? undefined : await findCredentials(credentialsFile, project);
  return async ({ method = 'GET', url, query = {}, headers = {}, body: bytes, accepts = [], streams, signal }) => {
    const target = new URL(url.startsWith('/') ? endpoint + url : url);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
    const authorization = (await auth?.getRequestHeaders(target.href))?.get('authorization');
    const all = typeof authorization === 'string' ? { ...headers, authorization } : headers;
    const body = await sendHttp({ method, url: target, headers: all, body: bytes, agent, signal });
    const status = body.statusCode ?? 0;
    const isGood = status >= 200 && status < 300;
    const text = isGood && streams === true ? '' : await readText(body);
    if (!isGood && !accepts.includes(status)) throw errorOf(status, body.headers, text);
    return { status, headers: body.headers, text, body };
  };
}

async function findCredentials(keyFilename: string | undefined, projectId: string | undefined) {
  const sdk = await importClient('@google-cloud/storage', async () => import('@google-cloud/storage'));
  // A file that the environment of the process names is found by itself; the library warns of those that are named to it.
  const isFound = keyFilename === undefined || keyFilename === process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  const storage = new sdk.Storage({
    scopes: SCOPE,
    ...(isFound ? {} : { keyFilename }),
    ...(projectId === undefined ? {} : { projectId }),
  });
  return storage.authClient;
}

function errorOf(status: number, headers: IncomingHttpHeaders, text: string): GcsError {
  const { reason, message } = parseError(text);
  return new GcsError(status, reason, message, headers['retry-after']);
}

function parseError(text: string): { reason: string; message: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; errors?: { reason?: string }[] } };
    return { reason: error?.errors?.[0]?.reason ?? '', message: error?.message ?? '' };
  } catch {
    return { reason: '', message: text.slice(0, 200) };
  }
}
