import { ExportServiceError } from './export-service-error.js';
import type { Problem } from './types.js';

/** Where the service is, and who asks. */
export interface ClientOptions {
  /** E.g. `http://localhost:8080`, or with the path the service is mounted at. */
  readonly url: string;
  /** An API key or an OIDC token; a function is asked before each request. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** What every call can be given. */
export interface CallOptions {
  /** Ends the call; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A request to send. */
export interface Outgoing extends CallOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parts of the path, not yet encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Send a request. @throws ExportServiceError for an answer that is no success. */
export async function send(options: ClientOptions, outgoing: Outgoing): Promise<Response> {
  const { method, body, headers, signal } = outgoing;
  const token = typeof options.token === 'function' ? await options.token() : options.token;
  const response = await (options.fetch ?? fetch)(urlOf(options.url, outgoing), {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: jsonText(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return response;
  throw new ExportServiceError(response.status, await problemIn(response), retryAfterOf(response));
}

/** Send a request whose answer is JSON. */
export async function sendForJson<T>(options: ClientOptions, outgoing: Outgoing): Promise<T> {
  return (await (await send(options, outgoing)).json()) as T;
}

function urlOf(base: string, { path, query = {} }: Outgoing): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return `${base.replace(/\/+$/, '')}/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

const { rawJSON } = JSON as unknown as { rawJSON?(text: string): unknown };

// A bigint becomes an integer with all its digits, where the platform can write one.
function jsonText(body: unknown): string {
  return JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'bigint' && rawJSON !== undefined ? rawJSON(String(value)) : value,
  );
}

async function problemIn(response: Response): Promise<Problem | undefined> {
  const isProblem = response.headers.get('content-type')?.includes('application/problem+json') === true;
  if (isProblem) return (await response.json()) as Problem;
  await response.body?.cancel();
  return undefined;
}

function retryAfterOf({ headers }: Response): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
