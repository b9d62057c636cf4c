import { isVecportError, type JsonValue, parseJson } from '@vecport/abstractions';
import type { Request, RequestHandler } from 'express';
import { ProblemError } from '../problems/problem-error.js';

/** Far more than a filter may be nested, and far less than fills the stack. */
const MAX_DEPTH = 160;

/** For the log of an application. A parser that is not ours would round whole numbers beyond 2^53. */
const READ_BEFORE = 'The body was read before the export service: mount its router before parsers of bodies.';

/**
 * Reads the bytes of a body of JSON. One that is longer than the limit or compressed is refused at once: nothing more of
 * it is read, however long it is.
 */
export function bodyReader(limit: number): RequestHandler {
  return async (request, _response, next) => {
    if (!isJson(request)) return next();
    if (request.readableEnded || request.body !== undefined) throw new Error(READ_BEFORE);
    const { 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = request.headers;
    if (encoding.toLowerCase() !== 'identity') {
      throw new ProblemError('unsupported-media-type', 'Send JSON in UTF-8, not compressed.');
    }
    if (Number(length) > limit) throw tooLarge();
    request.body = await bytesOf(request, limit);
    next();
  };
}

async function bytesOf(request: Request, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const stop = (error: ProblemError): void => {
      request.pause();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) stop(tooLarge());
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => stop(new ProblemError('invalid-request', 'The request was broken off.')));
  });
}

function tooLarge(): ProblemError {
  return new ProblemError('payload-too-large', 'The body of the request is too large.');
}

/**
 * The JSON of a request; `{}` when it has no body. Integers beyond 2^53 are `bigint`.
 * @throws ProblemError `unsupported-media-type`, `invalid-request`.
 */
export function bodyOf(request: Request): JsonValue {
  const body: unknown = request.body;
  if (Buffer.isBuffer(body)) return body.length === 0 ? {} : parse(textOf(body));
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === '0')) return {};
  throw new ProblemError('unsupported-media-type', 'Send JSON as application/json.');
}

function isJson(request: { readonly headers: Request['headers'] }): boolean {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='))?.split('=')[1];
  const utf8 = charset === undefined || ['utf-8', 'utf8'].includes(charset.trim().replaceAll('"', ''));
  return type.trim() === 'application/json' && utf8;
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new ProblemError('invalid-request', 'The body is not valid UTF-8.', { cause });
  }
}

function parse(text: string): JsonValue {
  if (depthOf(text) > MAX_DEPTH) throw new ProblemError('invalid-request', 'The body is nested too deep.');
  try {
    return parseJson(text);
  } catch (cause) {
    if (!isVecportError(cause)) throw cause;
    throw new ProblemError('invalid-request', 'The body is not valid JSON.', { cause });
  }
}

/** How deep a text is nested, if it is JSON. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}
