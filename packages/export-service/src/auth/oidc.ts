import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { ProblemError } from '../problems/problem-error.js';
import { grantSchema, type Principal } from './grants.js';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const DISCOVERY_TIMEOUT_MS = 5000;

/** Whose tokens are accepted, and what their roles allow. */
export const oidcSchema = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  audience: z.string().min(1),
  /** Where its keys are; asked of the issuer (`/.well-known/openid-configuration`) if not said. */
  jwksUri: z.url({ protocol: /^https?$/ }).optional(),
  /** The claim with the roles, a list or one text; `roles` if not said. A dot goes one level down. */
  rolesClaim: z.string().min(1).optional(),
  /** What each role allows. A role that is not here allows nothing. */
  roles: z.record(z.string(), z.array(grantSchema).readonly()).readonly(),
});
/** See {@link oidcSchema}. */
export type OidcOptions = z.infer<typeof oidcSchema>;

/**
 * Who holds a token; `undefined` for one that is not valid.
 * @throws ProblemError `issuer-not-available` when the keys cannot be fetched.
 */
export type TokenCheck = (token: string) => Promise<Principal | undefined>;

/** Checks tokens of one issuer: signature, issuer, audience and times. Keys are fetched when they are needed, and kept. */
export function createTokenCheck(options: OidcOptions): TokenCheck {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return async (token) => {
    // Nobody is asked because of a token that names somebody else.
    if (issuerIn(token) !== options.issuer) return undefined;
    try {
      keys ??= keysOf(options);
      const { payload } = await jwtVerify(token, await keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
      });
      return { name: `oidc:${payload.sub ?? ''}`, grants: grantsOf(payload, options) };
    } catch (error) {
      if (isRefusal(error)) return undefined;
      keys = undefined;
      throw new ProblemError('issuer-not-available', 'The issuer of the token cannot be asked for its keys.', {
        retryAfter: 10,
        cause: error,
      });
    }
  };
}

async function keysOf({ issuer, jwksUri }: OidcOptions): Promise<JWTVerifyGetKey> {
  return createRemoteJWKSet(new URL(jwksUri ?? (await discover(issuer))));
}

const discovered = z.object({ issuer: z.string(), jwks_uri: z.url() });

async function discover(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS), redirect: 'error' });
  const found = discovered.parse(await answer.json());
  if (found.issuer !== issuer) throw new Error(`${url} is about another issuer.`);
  return found.jwks_uri;
}

// The token is wrong, rather than that its issuer could not be asked.
function isRefusal(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC'
  );
}

function issuerIn(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function grantsOf(payload: JWTPayload, { roles, rolesClaim = 'roles' }: OidcOptions): Principal['grants'] {
  const claim = rolesClaim
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), payload);
  const held = Array.isArray(claim) ? claim : [claim];
  return held.flatMap((role) => (typeof role === 'string' && Object.hasOwn(roles, role) ? (roles[role] ?? []) : []));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
