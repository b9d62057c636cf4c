import { z } from 'zod';

/** Everything that can be wrong with a request, with its HTTP status. The first five are those of Weaviate's export. */
export const PROBLEMS = {
  'backend-not-available': { status: 503, title: 'backend not available' },
  'authorization-failed': { status: 403, title: 'authorization failed' },
  'class-does-not-exist': { status: 422, title: 'class does not exist' },
  'export-already-in-progress': { status: 409, title: 'export already in progress' },
  'write-to-backend-failed': { status: 502, title: 'write to backend failed' },
  'authentication-failed': { status: 401, title: 'authentication failed' },
  'invalid-request': { status: 400, title: 'invalid request' },
  'payload-too-large': { status: 413, title: 'payload too large' },
  'unsupported-media-type': { status: 415, title: 'unsupported media type' },
  'not-found': { status: 404, title: 'not found' },
  'method-not-allowed': { status: 405, title: 'method not allowed' },
  'id-already-used': { status: 409, title: 'id already used' },
  'target-not-empty': { status: 409, title: 'target not empty' },
  'not-running': { status: 409, title: 'not running' },
  'import-already-in-progress': { status: 409, title: 'import already in progress' },
  'source-does-not-exist': { status: 422, title: 'source does not exist' },
  'not-supported': { status: 501, title: 'not supported' },
  'cluster-not-available': { status: 503, title: 'cluster not available' },
  'issuer-not-available': { status: 503, title: 'issuer not available' },
  'source-not-available': { status: 503, title: 'source not available' },
  busy: { status: 503, title: 'too many jobs' },
  'shutting-down': { status: 503, title: 'shutting down' },
  'too-many-requests': { status: 429, title: 'too many requests' },
  'internal-error': { status: 500, title: 'internal error' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

/** A key of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS;

const CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** A failed request as `application/problem+json` (RFC 9457) says it. Holds no stack and no secret. */
export const problemSchema = z
  .object({
    type: z.string().describe('urn:vecport:problem: and the code.'),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What happened, and what to do next.'),
    code: z.enum(CODES).describe('Stable: programs decide by it.'),
    requestId: z.string().optional().describe('By which the log knows the request.'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .readonly()
      .optional()
      .describe('What is wrong where in the request.'),
    alternatives: z
      .array(z.string())
      .readonly()
      .optional()
      .describe('Of not-supported: adapters that are known to do it.'),
  })
  .meta({ id: 'Problem' });
/** See {@link problemSchema}. */
export type Problem = z.infer<typeof problemSchema>;
