import { type AllocateBytes, bytePool, retryRead } from '@vecport/wire';
import { checkWritten } from './check-written.js';
import type { PointCall, PointTransport } from './points.js';
import type { RestClient } from './rest-client.js';
import {
  countBody,
  deleteBody,
  nearestBody,
  retrieveBody,
  sampleBody,
  scrollBody,
  upsertBody,
} from './rest-messages.js';
import { readCountBody, readQueryBody, readRetrieveBody, readScrollBody, readUpdateBody } from './rest-points.js';

/** Points over REST. Reads are tried again when the server is busy or the connection is lost; writes are not. */
export function restTransport(client: RestClient): PointTransport {
  const pages = bytePool();
  const read = async (
    { collection, signal }: PointCall,
    path: string,
    body: string,
    allocate?: AllocateBytes,
  ): Promise<Uint8Array> =>
    retryRead(
      async () => client.request({ method: 'POST', path: pointsPath(collection) + path, body, signal, allocate }),
      { signal },
    );
  return {
    scroll: async (request, layout) => {
      const { to, builders } = request;
      const body = await read(request, '/scroll', scrollBody(request), pages.take);
      const page = readScrollBody(body, { layout, to, builders });
      pages.give(body);
      return page;
    },
    retrieve: async (ids, call, layout) => readRetrieveBody(await read(call, '', retrieveBody(ids, call)), layout),
    sample: async (limit, filter, call) =>
      readQueryBody(await read(call, '/query', sampleBody(limit, filter, call))).map(({ pointId }) => pointId),
    nearest: async (request) => readQueryBody(await read(request, '/query', nearestBody(request))),
    count: async (filter, call) => readCountBody(await read(call, '/count', countBody(filter, call))),
    upsert: async (request, layout) => {
      const { collection, signal } = request;
      const path = `${pointsPath(collection)}?wait=true`;
      const body = upsertBody(request, layout);
      checkWritten(readUpdateBody(await client.request({ method: 'PUT', path, body, signal })));
    },
    remove: async (ids, call) => {
      const path = `${pointsPath(call.collection)}/delete?wait=true`;
      const body = deleteBody(ids, call);
      checkWritten(readUpdateBody(await client.request({ method: 'POST', path, body, signal: call.signal })));
    },
    check: async ({ signal, timeoutMs }) => {
      await client.request({ method: 'GET', path: '/collections', signal, timeoutMs });
    },
  };
}

function pointsPath(collection: string): string {
  return `/collections/${encodeURIComponent(collection)}/points`;
}
