import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something between a client and a server. */
export interface Proxy {
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** Answers a request in the server's place; `false` lets it through. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Pass requests on to `target`, but for those that `intercept` answers. */
export async function startProxy(target: string, intercept: Interceptor): Promise<Proxy> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (intercept(incoming, outgoing)) return;
    const { method, headers } = incoming;
    const passed = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
