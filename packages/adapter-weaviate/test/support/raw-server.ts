import { readConfig } from '../../src/config.js';
import { adapter } from '../../src/index.js';

/** A server spoken to without Vecport, as another client would. */
export interface RawServer {
  /** A request of the REST interface that must succeed; its answer. */
  rest(method: string, path: string, body?: unknown): Promise<unknown>;
  /** The status of a request. */
  status(method: string, path: string): Promise<number>;
  /** Write objects; each must be accepted. */
  write(objects: readonly Record<string, unknown>[]): Promise<void>;
}

/** The server of a store URL. */
export function rawServer(url: string): RawServer {
  const { rest } = readConfig(adapter.parseUrl(url).settings);
  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`http://${rest.host}:${rest.port}/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const request = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await send(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    rest: request,
    status: async (method, path) => {
      const answer = await send(method, path);
      await answer.arrayBuffer();
      return answer.status;
    },
    write: async (objects) => {
      const results = (await request('POST', '/batch/objects', { objects })) as readonly {
        readonly result?: { readonly errors?: unknown };
      }[];
      const failed = results.filter(({ result }) => result?.errors !== undefined);
      if (failed.length > 0) throw new Error(JSON.stringify(failed));
    },
  };
}
