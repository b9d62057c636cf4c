import { stringifyJson } from '@vecport/abstractions';
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Audit } from '../auth/audit.js';
import type { Authenticate } from '../auth/authenticate.js';
import type { Principal } from '../auth/grants.js';
import type { Clock } from '../clock.js';
import type { ServiceMetrics } from '../metrics.js';
import type { Caller } from '../operations/caller.js';
import { ProblemError, problemBody } from '../problems/problem-error.js';
import { problemOf } from '../problems/problem-of.js';
import { closeUnread } from './close-unread.js';
import { docsRouter } from './docs.js';
import type { Endpoint } from './endpoint.js';
import { ENDPOINTS, type OperationId } from './endpoints.js';
import type { Call, Handlers } from './handlers.js';
import { failureLimit, requestLimit } from './limits.js';
import type { OpenApiDocument } from './openapi.js';
import { bodyOf, bodyReader } from './read-body.js';
import { requestIdOf, requestLog } from './request-log.js';
import { sendJson } from './send-json.js';

/** What a router is made of. */
export interface RouterParts {
  readonly handlers: Handlers;
  readonly document: OpenApiDocument;
  readonly authenticate: Authenticate;
  readonly audit: Audit;
  readonly metrics: ServiceMetrics;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  readonly limits: {
    readonly bodyBytes: number;
    readonly requestsPerMinute: number;
    readonly failuresPerMinute: number;
  };
}

/** Paths that belong to the service; everything else is left to the application it is mounted in. */
const OWN_PATHS = [
  '/v1/export',
  '/v1/import',
  '/v1/schedules',
  '/v1/cluster',
  '/metrics',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/docs',
];

/** The service over HTTP. Every answer is JSON of the documented schema, or a problem. */
export function createRouter(parts: RouterParts): Router {
  const router = Router();
  const limits = [requestLimit(parts.limits.requestsPerMinute), failureLimit(parts.limits.failuresPerMinute)];
  router.use(OWN_PATHS, requestLog(parts.logger), secureHeaders(), ...limits);
  router.use(docsRouter(parts.document));
  const reader = bodyReader(parts.limits.bodyBytes);
  const byPath = Map.groupBy(Object.keys(ENDPOINTS) as OperationId[], (id) => ENDPOINTS[id].path);
  for (const [path, operations] of byPath) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const id of operations) {
      const endpoint: Endpoint = ENDPOINTS[id];
      route[endpoint.method](...(endpoint.body === undefined ? [] : [reader]), answering(parts, id));
    }
    route.all(wrongMethod(operations.map((id) => ENDPOINTS[id].method)));
  }
  router.use(OWN_PATHS, () => {
    throw new ProblemError('not-found', 'There is nothing here.');
  });
  router.use(problemHandler(parts.logger));
  return router;
}

function answering(parts: RouterParts, id: OperationId): RequestHandler {
  const endpoint: Endpoint = ENDPOINTS[id];
  const handle = parts.handlers[id] as (call: Call<OperationId>) => unknown;
  return async (request, response) => {
    const begun = performance.now();
    response.once('close', () => {
      parts.metrics.request(id, response.statusCode, (performance.now() - begun) / 1000);
    });
    const principal = endpoint.open === true ? NOBODY : await authenticated(parts, id, request);
    const call = { ...checked(endpoint, request), caller: callerOf(parts, principal, request), request, response };
    const answer = await handle(call as Call<OperationId>);
    if (answer !== undefined) sendJson(response, endpoint.status, stringifyJson(answer));
  };
}

const NOBODY: Principal = { name: 'anonymous', grants: [] };

async function authenticated(parts: RouterParts, operation: OperationId, request: Request): Promise<Principal> {
  const principal = await parts.authenticate(request);
  if (principal !== undefined) return principal;
  callerOf(parts, NOBODY, request).deny({ operation, target: request.path }, 'no valid credentials');
  throw new ProblemError('authentication-failed', 'Send an API key or a token as Authorization: Bearer.');
}

function checked(endpoint: Endpoint, request: Request) {
  return {
    params: endpoint.params?.parse(request.params),
    query: endpoint.query?.parse({ ...request.query }),
    body: endpoint.body?.parse(bodyOf(request)),
  };
}

function callerOf({ audit, clock, metrics }: RouterParts, principal: Principal, request: Request): Caller {
  const about = {
    requestId: requestIdOf(request),
    principal: principal.name,
    remoteAddress: request.ip,
  };
  return {
    principal,
    allow: (subject) => audit({ time: timeOf(clock), ...about, ...subject, decision: 'allowed' }),
    deny: (subject, reason) => {
      metrics.denied();
      audit({ time: timeOf(clock), ...about, ...subject, decision: 'denied', reason });
    },
  };
}

function timeOf(clock: Pick<Clock, 'now'>): string {
  return new Date(clock.now()).toISOString();
}

function wrongMethod(methods: readonly string[]): RequestHandler {
  const allowed = methods.map((method) => method.toUpperCase());
  if (allowed.includes('GET')) allowed.push('HEAD');
  return (_request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new ProblemError('method-not-allowed', `Allowed here: ${allowed.join(', ')}.`);
  };
}

/** Nothing may be loaded, framed or guessed. Plain HTTP on loopback is not upgraded; TLS is a proxy's to require. */
function secureHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: false,
  });
}

function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next) => {
    const problem = problemOf(error);
    if (problem.status === 500) (request.log ?? logger).error({ err: problem.cause ?? problem }, 'A request failed');
    if (response.destroyed) return;
    if (response.headersSent) return next(error);
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
    if (problem.retryAfter !== undefined) response.set('Retry-After', String(problem.retryAfter));
    closeUnread(request, response);
    const body = problemBody(problem, request.id === undefined ? undefined : requestIdOf(request));
    response.status(problem.status).set('Cache-Control', 'no-store').type('application/problem+json');
    response.send(JSON.stringify(body));
  };
}
