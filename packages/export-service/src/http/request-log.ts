import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

const GIVEN_ID = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * One line a request, with its id: the one it came with (`X-Request-Id`) where that is harmless, else a new one. The
 * answer names it too. Neither headers nor bodies are logged, so no credential is.
 */
export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp<Request, Response>({
    logger,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId' },
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && GIVEN_ID.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    serializers: { req: () => undefined, res: () => undefined },
    customLogLevel: (_request, { statusCode }, error) => (error !== undefined || statusCode >= 500 ? 'error' : 'info'),
    customSuccessMessage: lineOf,
    customErrorMessage: lineOf,
  });
}

/** The id of a request that went through {@link requestLog}. */
export function requestIdOf(request: Request): string {
  return typeof request.id === 'string' ? request.id : '';
}

function lineOf({ originalUrl, method }: Request, { statusCode }: Response): string {
  const [path = ''] = originalUrl.split('?');
  return `${method} ${path} ${statusCode}`;
}
