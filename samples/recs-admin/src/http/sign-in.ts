import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { problem } from './problem.js';
import { signInSchema } from './query.js';
import { sendProblem } from './send.js';

const COOKIE = 'recs-admin-session';
const LASTS_MS = 12 * 60 * 60_000;
/** Wrong passwords a minute from one address. */
const ATTEMPTS = 10;

/** Who may use the administrator's side. */
export interface SignIn {
  /** `GET`, `POST` and `DELETE /session`. */
  routes(): Router;
  /** Lets only those through who have signed in; everybody when there is no password. */
  readonly guard: RequestHandler;
  /** A `Cookie` header for the application's own requests; `undefined` when none is needed. */
  ownCookie(): string | undefined;
}

/**
 * Sessions for a password; without one, nobody has to sign in. They live in the memory of this process, for 12 hours.
 * The cookie can be read by no script and is sent by no other site.
 */
export function createSignIn(password: string | undefined): SignIn {
  /** Hashes of the sessions' tokens, and when they end. */
  const sessions = new Map<string, number>();
  const begin = (): string => {
    const token = randomBytes(32).toString('base64url');
    for (const [known, endsAt] of sessions) if (endsAt < Date.now()) sessions.delete(known);
    sessions.set(hashOf(token), Date.now() + LASTS_MS);
    return token;
  };
  const isSignedIn = (request: Request): boolean => {
    const token = tokenOf(request.headers.cookie);
    return password === undefined || (token !== undefined && (sessions.get(hashOf(token)) ?? 0) > Date.now());
  };
  return {
    ownCookie: () => (password === undefined ? undefined : `${COOKIE}=${begin()}`),
    guard: (request, response, next) => {
      if (isSignedIn(request)) next();
      else sendProblem(request, response, problem(401, 'Sign in first: POST /session with the password.'));
    },
    routes: () => {
      const router = Router();
      const limit = rateLimit({
        windowMs: 60_000,
        limit: ATTEMPTS,
        skipSuccessfulRequests: true,
        handler: (request, response) =>
          sendProblem(request, response, problem(429, 'Too many wrong passwords. Try again in a minute.')),
      });
      router.get('/', (request, response) => {
        response.json({ required: password !== undefined, signedIn: isSignedIn(request) });
      });
      router.post('/', limit, express.json({ limit: '1kb' }), (request, response) => {
        const given = signInSchema.parse(request.body).password;
        if (password === undefined || !isSame(given, password)) {
          return sendProblem(request, response, problem(403, 'The password is wrong.'));
        }
        const cookie = { httpOnly: true, sameSite: 'strict', secure: request.secure, maxAge: LASTS_MS } as const;
        response.cookie(COOKIE, begin(), cookie).json({ required: true, signedIn: true });
      });
      router.delete('/', (request, response) => {
        const token = tokenOf(request.headers.cookie);
        if (token !== undefined) sessions.delete(hashOf(token));
        response.clearCookie(COOKIE).json({ required: password !== undefined, signedIn: password === undefined });
      });
      return router;
    },
  };
}

function tokenOf(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** In a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(one)), Buffer.from(hashOf(other)));
}
