import { mkdtemp, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { launchIsolated } from '../isolate.js';
import { isAlive, stopRun } from '../processes.js';
import { DATA_PREFIX, removeData } from '../state.js';

/** Gives back what it is told, on all interfaces. */
const ECHO = "require('node:net').createServer((socket) => socket.pipe(socket)).listen(4242, '0.0.0.0')";

describe('launchIsolated', () => {
  it('lets loopback alone reach a server that listens everywhere, and ends with it', async () => {
    const data = await mkdtemp(`${DATA_PREFIX}isolate-`);
    const launch = { command: process.execPath, args: ['-e', ECHO], data, log: join(data, 'log') };
    const { launched, ports } = await launchIsolated(launch, { echo: 4242 });
    try {
      const sent = Buffer.alloc(1_000_000, 'vecport');
      let received: Buffer = Buffer.alloc(0);
      // The server inside may not listen yet: then the connection is closed at once.
      while (received.length === 0) {
        received = await echoed(ports.echo, sent);
        await delay(20);
      }
      expect(received.equals(sent)).toBe(true);
      expect(await listeners()).toContain(`127.0.0.1:${ports.echo}`);
      expect((await listeners()).filter((address) => address.endsWith(':4242'))).toEqual([]);
    } finally {
      await stopRun(launched, data, 'SIGTERM');
      await removeData(data);
    }
    expect(isAlive(launched)).toBe(false);
    expect(await listeners()).not.toContain(`127.0.0.1:${ports.echo}`);
  });
});

async function echoed(port: number, sent: Buffer): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.end(sent);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks);
}

/** Addresses of this network on which somebody listens. */
async function listeners(): Promise<string[]> {
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return rows
    .filter((row) => row[3] === '0A')
    .map(([, local = '']) => {
      const [address = '', port = ''] = local.split(':');
      const bytes = [...Buffer.from(address, 'hex')].reverse();
      return `${bytes.join('.')}:${Number.parseInt(port, 16)}`;
    });
}
