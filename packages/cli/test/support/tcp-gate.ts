import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A port in front of another one, whose connections can be cut, as when the server behind it is restarted. */
export interface TcpGate {
  readonly port: number;
  /** Cut all connections; new ones are refused. */
  shut(): Promise<void>;
  /** Let connections through again, at the same port, if it does not. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Open a gate on loopback to a port of it. */
export async function openGate(target: number): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  let port = 0;
  let server: Server | undefined;
  const open = async (): Promise<void> => {
    if (server !== undefined) return;
    server = createServer((outer) => {
      const inner = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [outer, inner],
        [inner, outer],
      ] as const) {
        sockets.add(from);
        from.on('error', () => to.destroy());
        from.once('close', () => {
          sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    await listen(server, port);
    port = (server.address() as AddressInfo).port;
  };
  const shut = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing === undefined) return;
    await new Promise<void>((resolve) => {
      closing.close(() => resolve());
    });
  };
  await open();
  return { port, shut, open, close: shut };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
