import { connect, createServer, type Socket } from 'node:net';

/** A proxy in front of a server. */
export interface TcpProxy {
  /** `host:port` to connect to. */
  readonly host: string;
  close(): Promise<void>;
}

/** Start a proxy that cuts a connection when the server has sent so many bytes over it. */
export async function startProxy(
  upstream: { readonly hostname: string; readonly port: string },
  cutAfter: number,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(Number(upstream.port), upstream.hostname);
    let sent = 0;
    for (const socket of [client, behind]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        behind.destroy();
      });
    }
    client.pipe(behind);
    behind.on('data', (data) => {
      const rest = cutAfter - sent;
      sent += data.length;
      if (data.length >= rest) client.end(data.subarray(0, rest));
      else if (!client.write(data)) behind.pause();
    });
    client.on('drain', () => behind.resume());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
