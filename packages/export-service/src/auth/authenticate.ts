import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { type ApiKeyRecord, apiKeySchema, isApiKey, principalOfKey } from './api-keys.js';
import type { Principal } from './grants.js';
import { createTokenCheck, oidcSchema } from './oidc.js';

/** Who may do what. */
export const authSchema = z.strictObject({
  keys: z.array(apiKeySchema).readonly().optional(),
  oidc: z.array(oidcSchema).readonly().optional(),
  /**
   * What requests without credentials may do. `local`: programs on this machine may do everything; nobody else
   * anything. `none`: nothing. `local` if not said and there are neither keys nor issuers, else `none`.
   */
  anonymous: z.enum(['local', 'none']).optional(),
});
/** See {@link authSchema}. */
export type AuthOptions = z.infer<typeof authSchema>;

/** Finds out who sends a request; `undefined` when that cannot be told or is not allowed. */
export type Authenticate = (request: IncomingMessage) => Promise<Principal | undefined>;

const LOCAL: Principal = { name: 'local', grants: [{ action: 'admin' }] };
const LOCAL_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const LOCAL_ADDRESSES: ReadonlySet<string | undefined> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const READING: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;

/**
 * Credentials come as `Authorization: Bearer …`, an API key or a token of one of the issuers. `moreKeys` is asked with
 * every request. Once there was a key, requests without credentials are refused for good, unless `anonymous` says else.
 */
export function createAuthenticate(
  auth: AuthOptions,
  clock: Pick<Clock, 'now'>,
  moreKeys: () => readonly ApiKeyRecord[] = () => [],
): Authenticate {
  const { keys = [], oidc = [], anonymous } = auth;
  const checks = oidc.map(createTokenCheck);
  let closed = keys.length + oidc.length > 0;
  return async (request) => {
    const known = [...keys, ...moreKeys()];
    closed ||= known.length > 0;
    const { authorization } = request.headers;
    if (authorization === undefined) {
      const open = (anonymous ?? (closed ? 'none' : 'local')) === 'local';
      return open && isLocal(request) ? LOCAL : undefined;
    }
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return undefined;
    if (isApiKey(token)) return principalOfKey(token, known, clock.now());
    for (const check of checks) {
      const principal = await check(token);
      if (principal !== undefined) return principal;
    }
    return undefined;
  };
}

/**
 * Whether a request was sent by a program on this machine, and by no web page elsewhere that a browser shows here: not
 * through a proxy, to a name of this machine (DNS rebinding), and not from another site if it changes something.
 */
function isLocal({ socket, headers, method }: IncomingMessage): boolean {
  if (!LOCAL_ADDRESSES.has(socket.remoteAddress)) return false;
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  if (!LOCAL_NAMES.has((headers.host ?? '').replace(/:\d*$/, '').toLowerCase())) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && READING.has(method));
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}
