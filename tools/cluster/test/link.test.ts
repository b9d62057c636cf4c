import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@vecport/testkit';
import { createLane, createLink, type Link } from '../link.js';

/** A server that sends back what it gets, and a passage to it over a link. */
let echo: Server;
let passage: Server;
let link: Link;

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function connected(): Promise<{ readonly socket: Socket; got(): string; closed(): boolean }> {
  const socket = connect((passage.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  let got = '';
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    got += chunk.toString();
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    closed = true;
  });
  return { socket, got: () => got, closed: () => closed };
}

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  const port = await portOf(echo);
  link = createLink();
  passage = createServer({ allowHalfOpen: true }, (socket) => link.carry(socket, port));
  await portOf(passage);
});

afterEach(async () => {
  link.close();
  for (const server of [echo, passage]) {
    server.close();
    await once(server, 'close');
  }
});

describe('a lane', () => {
  it('sends one thing after the other, and each takes the same time on the way', () => {
    let now = 0;
    const lane = createLane(40, 1000, () => now);
    expect(lane.arrival(500)).toBe(540);
    expect(lane.arrival(250)).toBe(790);
    now = 2000;
    expect(lane.arrival(100)).toBe(2140);
    expect(lane.bytes()).toBe(850);
  });
});

describe('a link', () => {
  it('carries everything there and back in order, and the end of it', async () => {
    const { socket, got, closed } = await connected();
    const text = Array.from({ length: 20_000 }, (_, n) => `${n},`).join('');
    socket.end(text);
    await eventually('it is closed', closed);
    expect(got()).toBe(text);
    expect(link.bytes()).toBe(2 * text.length);
  });

  it('holds what is sent while it is cut, and tells nobody', async () => {
    const { socket, got, closed } = await connected();
    socket.write('before ');
    await eventually('the answer is there', () => got() === 'before ');
    link.cut();
    const late = await connected();
    socket.write('meanwhile');
    late.socket.end('late');
    await eventually('it was taken', () => link.bytes() >= 2 * 7 + 'meanwhile'.length + 'late'.length);
    expect([got(), late.got(), closed(), late.closed()]).toEqual(['before ', '', false, false]);
    link.mend();
    await eventually('all answers are there', () => got() === 'before meanwhile' && late.closed());
    expect(late.got()).toBe('late');
    socket.destroy();
  });

  it('breaks connections when it refuses them, until it is mended', async () => {
    const first = await connected();
    link.refuse();
    await eventually('the connection is broken', first.closed);
    const second = await connected();
    await eventually('so is a new one', second.closed);
    link.mend();
    const third = await connected();
    third.socket.write('again');
    await eventually('the answer is there', () => third.got() === 'again');
    third.socket.destroy();
  });
});
