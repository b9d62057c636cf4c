import { z } from 'zod';
import { EVENT_TYPES } from '../contract/event-schemas.js';
import { PROBLEMS, type ProblemCode, problemSchema } from '../contract/problem-schema.js';
import type { Endpoint } from './endpoint.js';

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Json & { readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>> };

/** What every request with credentials can be answered, and what every one with a body or parameters can. */
const COMMON: readonly ProblemCode[] = [
  'authentication-failed',
  'too-many-requests',
  'internal-error',
  'issuer-not-available',
];
const WITH_BODY: readonly ProblemCode[] = ['payload-too-large', 'unsupported-media-type'];

/** The document of the given endpoints, made from their schemas. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const components: Record<string, Json> = {};
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operationOf(endpoint, components) };
  }
  components['Problem'] = jsonSchema(problemSchema, 'output', components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vecport export service',
      version,
      description: 'Exports, imports and schedules of vector databases.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a token of a configured OIDC issuer.' },
      },
    },
  };
}

function operationOf(endpoint: Endpoint, components: Record<string, Json>): Json {
  const { operationId, summary, tag, body, bodyOptional, open } = endpoint;
  return {
    operationId,
    summary,
    tags: [tag],
    ...(open === true ? { security: [] } : {}),
    parameters: [...parametersOf(endpoint, 'path', components), ...parametersOf(endpoint, 'query', components)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: bodyOptional !== true,
            content: { 'application/json': { schema: jsonSchema(body, 'input', components) } },
          },
        }),
    responses: { ...answerOf(endpoint, components), ...problemsOf(endpoint) },
  };
}

function parametersOf(endpoint: Endpoint, where: 'path' | 'query', components: Record<string, Json>): readonly Json[] {
  const schema = where === 'path' ? endpoint.params : endpoint.query;
  const parameters = Object.entries(schema?.shape ?? {}).map(([name, value]) => ({
    name,
    in: where,
    required: where === 'path',
    // What is coerced from text has no type of its own as an input.
    schema: jsonSchema(value as z.ZodType, 'output', components),
  }));
  if (where === 'query' && endpoint.contentType === 'text/event-stream') return [...parameters, LAST_EVENT_ID];
  return parameters;
}

const LAST_EVENT_ID: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was seen: those after it are sent first.',
  schema: { type: 'string' },
};

function answerOf(
  { status, answer, contentType = 'application/json', links = [], path }: Endpoint,
  components: Record<string, Json>,
): Json {
  if (answer === undefined) return { [status]: { description: 'Done.' } };
  const own = jsonSchema(answer, 'output', components);
  const schema = contentType === 'text/event-stream' ? eventSchema(own) : own;
  const parameters = {
    id: '$response.body#/id',
    ...(path.includes('{backend}') ? { backend: '$response.body#/backend' } : {}),
  };
  const linked = Object.fromEntries(links.map((operationId) => [operationId, { operationId, parameters }]));
  return {
    [status]: {
      description: 'Done.',
      content: { [contentType]: { schema } },
      ...(links.length === 0 ? {} : { links: linked }),
    },
  };
}

/** One event of a stream. */
function eventSchema(data: Json): Json {
  return {
    type: 'object',
    properties: {
      id: { type: 'string' },
      event: { type: 'string', enum: EVENT_TYPES },
      data: { type: 'string', contentMediaType: 'application/json', contentSchema: data },
    },
  };
}

function problemsOf({ problems, open, body, params, query }: Endpoint): Json {
  const codes = new Set<ProblemCode>([
    ...(open === true ? COMMON.filter((code) => code !== 'authentication-failed') : COMMON),
    ...(body === undefined ? [] : WITH_BODY),
    ...((body ?? params ?? query) ? (['invalid-request'] as const) : []),
    ...problems,
  ]);
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([a], [b]) => a - b)
      .map(([status, same]) => [
        status,
        {
          description: `One of: ${same.join(', ')}.`,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
  );
}

/** The schema as JSON, with those that have an id among the components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Record<string, Json>): Json {
  const {
    $schema: _schema,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema instanceof z.ZodBigInt) made.type = 'integer';
    },
  }) as Json & { readonly $defs?: Readonly<Record<string, Json>> };
  for (const [id, definition] of Object.entries($defs)) components[id] ??= relinked(definition) as Json;
  const { id } = schema.meta() ?? {};
  if (typeof id !== 'string') return relinked(own) as Json;
  components[id] ??= relinked(own) as Json;
  return { $ref: `#/components/schemas/${id}` };
}

function relinked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relinked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      if (key === '$ref' && typeof item === 'string') return [[key, item.replace('#/$defs/', '#/components/schemas/')]];
      return key === 'id' && typeof item === 'string' ? [] : [[key, relinked(item)]];
    }),
  );
}
