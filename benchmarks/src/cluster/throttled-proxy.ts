import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port before another one, which gives every connection the same, bounded share. */
export interface ThrottledProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Pieces in which bytes are let out. */
const PIECE = 16 * 1024;

/**
 * A port of 127.0.0.1 through which another one is reached, and from which each connection gets at most so many bytes a
 * second: a source whose limit is one for each reader.
 */
export async function openThrottledProxy(target: number, bytesPerSecond: number): Promise<ThrottledProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    near.pipe(far);
    void letOut(far, near, bytesPerSecond);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Send on what comes at that rate; what is not let out yet is not read either. */
async function letOut(from: Socket, to: Socket, bytesPerSecond: number): Promise<void> {
  let ready = 0;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        const now = performance.now();
        ready = Math.max(ready, now) + (piece.length / bytesPerSecond) * 1000;
        if (ready - now >= 1) await sleep(ready - now);
        if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}
