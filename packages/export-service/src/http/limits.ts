import type { RequestHandler } from 'express';
import { type Options, rateLimit } from 'express-rate-limit';
import { ProblemError } from '../problems/problem-error.js';

const MINUTE_MS = 60_000;

/** Refuse more than so many requests a minute from one address. */
export function requestLimit(perMinute: number): RequestHandler {
  return rateLimit({ ...common(), limit: perMinute });
}

/** Refuse more than so many failed attempts to authenticate a minute from one address: keys cannot be guessed. */
export function failureLimit(perMinute: number): RequestHandler {
  return rateLimit({
    ...common(),
    limit: perMinute,
    skip: (request) => request.headers.authorization === undefined,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, { statusCode }) => statusCode !== 401,
  });
}

function common(): Partial<Options> {
  return {
    windowMs: MINUTE_MS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Whether a proxy is to be trusted is the application's to say; without it, what proxies claim is not looked at.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) =>
      next(new ProblemError('too-many-requests', 'Too many requests; slow down.', { retryAfter: 60 })),
  };
}
