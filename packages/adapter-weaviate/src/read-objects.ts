import type { CallOptions } from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import type { OpenClass } from './open-class.js';
import { type Page, readPage } from './read-page.js';
import { type Clause, type Near, type SearchRequest, searchMessage } from './requests.js';
import { readRestObjects } from './rest-objects.js';

/** Objects that are read by gRPC. */
export interface ObjectsRequest {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly filter?: Clause | undefined;
  readonly near?: Near | undefined;
  readonly distance?: boolean | undefined;
  /** Whether vectors and times are wanted; true if not said. */
  readonly vectors?: boolean | undefined;
}

/** The request for a page in the terms of the interface. */
export function pageRequest({ layout }: OpenClass, request: ObjectsRequest): SearchRequest {
  const { vectors = true, ...rest } = request;
  const names = layout.vectors.filter(({ unnamed }) => !unnamed).map(({ name }) => name);
  const properties = layout.properties.map(({ name }) => name);
  return {
    ...rest,
    properties: layout.own ? [...properties, RESERVED_FIELD] : properties,
    vectors: vectors ? names : [],
    unnamedVector: vectors && layout.vectors.some(({ unnamed }) => unnamed),
    times: vectors,
  };
}

/**
 * Objects in the order Weaviate gives them. Where a property comes back exactly only by REST, the objects gRPC found
 * are read there.
 */
export async function readObjects(open: OpenClass, request: ObjectsRequest, options: CallOptions): Promise<Page> {
  const { connection, layout, target, dimensions } = open;
  if (layout.readByRest) return readFoundByRest(open, request, options);
  const bytes = await connection.read('Search', searchMessage(target, pageRequest(open, request)), options);
  return readPage(bytes, { layout, dimensions });
}

async function readFoundByRest(open: OpenClass, request: ObjectsRequest, options: CallOptions): Promise<Page> {
  const { connection, layout, target, dimensions } = open;
  const message = searchMessage(target, { ...request, properties: [], vectors: [] });
  const bare = { ...layout, properties: [], vectors: [], own: false };
  const found = readPage(await connection.read('Search', message, options), { layout: bare, dimensions });
  const { batch, rows } = await readRestObjects(open, found.uuids, options);
  return {
    batch,
    uuids: rows.map((row) => found.uuids[row] ?? ''),
    distances: Float32Array.from(rows, (row) => found.distances[row] ?? Number.NaN),
  };
}
