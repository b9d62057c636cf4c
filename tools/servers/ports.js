// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the range from which Linux takes ports of outgoing connections, so that none of those gets in between.
const FIRST = 20_000;
const COUNT = 10_000;

/** A loopback port that nobody listens on. */
export async function freePort() {
  const server = await listenOnLoopback();
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that listens on 127.0.0.1 on a free port. */
export async function listenOnLoopback() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const server = createServer();
    try {
      server.listen(FIRST + Math.floor(Math.random() * COUNT), '127.0.0.1');
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`No free port between ${FIRST} and ${FIRST + COUNT} was found.`);
}
