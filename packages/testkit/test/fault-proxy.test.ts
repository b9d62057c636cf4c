import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultProxy, type HttpFault, startFaultProxy } from '@vecport/testkit';

const BODY = 'x'.repeat(100_000);

let server: Server;
let proxy: FaultProxy;
let arrived: { host: string | undefined; length: number; path: string | undefined }[];

beforeEach(async () => {
  arrived = [];
  server = createServer((request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on('end', () => {
      arrived.push({ host: request.headers.host, length, path: request.url });
      response.end(BODY);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  proxy = await startFaultProxy({ target: `http://127.0.0.1:${port}` });
});
afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

async function send(fault?: HttpFault): Promise<Response> {
  proxy.setFaults(() => fault);
  return fetch(`${proxy.url}/a%20b?c=d`, { method: 'PUT', body: BODY, signal: AbortSignal.timeout(10_000) });
}

describe('startFaultProxy', () => {
  it('passes everything on as it is', async () => {
    const answer = await send();
    expect(await answer.text()).toBe(BODY);
    expect(arrived).toEqual([{ host: new URL(proxy.url).host, length: BODY.length, path: '/a%20b?c=d' }]);
    expect(proxy.requests).toMatchObject([{ number: 1, method: 'PUT', path: '/a%20b?c=d' }]);
  });

  it('answers without asking', async () => {
    const answer = await send({ answer: { status: 503, headers: { 'retry-after': '7' }, body: 'no' } });
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([503, '7', 'no']);
    expect(arrived).toEqual([]);
  });

  it('breaks a request off, so that it never arrives whole', async () => {
    await expect(send({ cutRequestAfterBytes: 1000 })).rejects.toThrow();
    expect(arrived).toEqual([]);
  });

  it('loses an answer, after the server has done what was asked', async () => {
    await expect(send({ loseAnswer: true })).rejects.toThrow();
    expect(arrived).toHaveLength(1);
  });

  it('breaks an answer off', async () => {
    const answer = await send({ cutAnswerAfterBytes: 1000 });
    expect(answer.headers.get('content-length')).toBe(String(BODY.length));
    await expect(answer.text()).rejects.toThrow();
  });

  it('lets an answer stand still, and lets go when it is closed', async () => {
    const answer = await send({ stallAnswerAfterBytes: 1000 });
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = answer.body?.getReader();
    let seen = 0;
    while (seen < 1000) {
      const chunk = await reader?.read();
      seen += chunk?.value?.length ?? 0;
    }
    const next = reader?.read();
    const late = await Promise.race([
      next?.then(() => 'more'),
      new Promise((resolve) => setImmediate(resolve, 'nothing')),
    ]);
    expect([seen, late]).toEqual([1000, 'nothing']);
    const ended = expect(next).rejects.toThrow();
    await proxy.close();
    await ended;
  });

  it('is silent until it is closed', async () => {
    const sent = expect(send({ silent: true })).rejects.toThrow();
    while (proxy.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await proxy.close();
    await sent;
    expect(arrived).toEqual([]);
  });
});
