import type { Fault } from './object-driver.js';

/** Codes of Node's errors for connections that broke or did not come about; names of the clients' for the same. */
const BROKEN: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'ESOCKETTIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ERR_HTTP2_STREAM_ERROR',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'TimeoutError',
  'RequestTimeout',
  'REQUEST_SEND_ERROR',
  'PARSE_ERROR',
  'HPE_INVALID_CONSTANT',
  'socket hang up',
]);

/** An error for an answer that is not what was announced: as good as a broken connection. */
export function brokenBody(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

/** What an error means that comes from the network and not from the store; `undefined` for others. */
export function networkFault(error: unknown, endpoint: string): Fault | undefined {
  const codes = codesOf(error);
  if (codes.includes('ENOTFOUND')) {
    const text = `there is no host of the name in ${endpoint}. Check the endpoint and the network.`;
    return { code: 'unavailable', text, transient: false };
  }
  const tls = codes.find((code) => /CERT|^ERR_TLS|SELF_SIGNED|UNABLE_TO_|^EPROTO$|ERR_SSL/.test(code));
  if (tls !== undefined) {
    const text = `no trusted connection to ${endpoint} can be made (${tls}). Check the endpoint and its certificate.`;
    return { code: 'unavailable', text, transient: false };
  }
  if (!codes.some((code) => BROKEN.has(code))) return undefined;
  const text = `${endpoint} was not reached, or the connection broke (${reasonOf(error)}). Check the network and try again.`;
  return { code: 'unavailable', text, transient: true };
}

/** Codes and names of an error and of those it was caused by. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 4) return [];
  const { code, name, errno, cause, errors, message } = error as Partial<Record<string, unknown>>;
  // Some clients keep only the text of the error underneath.
  const words = typeof message === 'string' ? (message.match(/socket hang up|\b[A-Z][A-Za-z_]{4,}\b/g) ?? []) : [];
  const own = [code, name, errno, ...words].filter((value) => typeof value === 'string');
  const inner = Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [...own, ...codesOf(cause, depth + 1), ...inner];
}

function reasonOf(error: unknown): string {
  const codes = codesOf(error);
  return codes.find((code) => BROKEN.has(code)) ?? codes[0] ?? 'no reason given';
}

/** What an HTTP status means whose body says nothing better; `undefined` for those that depend on the store. */
export function statusFault(status: number | undefined): Fault | undefined {
  if (status === 429 || status === 503) {
    const text = 'the store is too busy. Try again later, or with less at the same time.';
    return { code: 'unavailable', text, transient: true };
  }
  if (status === 408 || (status !== undefined && status >= 500 && status !== 501)) {
    return { code: 'unavailable', text: `the store failed (HTTP ${status}). Try again later.`, transient: true };
  }
  return undefined;
}

/** The waiting time of a `Retry-After` header, in milliseconds. */
export function retryAfterMs(header: string | null | undefined): number | undefined {
  if (header === undefined || header === null || header === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
