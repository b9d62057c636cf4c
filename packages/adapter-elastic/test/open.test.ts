import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@elastic/elasticsearch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { adapter } from '@vecport/adapter-elastic';
import { type FakeServer, fakeDocuments, fakeServer, json } from './support/fake-server.js';

let server: FakeServer;
beforeEach(async () => {
  server = await fakeServer();
});
afterEach(async () => {
  await server.close();
});

describe('opening a store', () => {
  it('says in one sentence that nothing is configured', async () => {
    await expect(adapter.open({}, {})).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: 'No Elasticsearch server is configured.',
    });
  });

  it('knows the version, and that of a serverless server never', async () => {
    const open = async () => {
      const store = await adapter.open({ url: server.url }, {});
      await store.close();
      return store.version;
    };
    expect(await open()).toBe('9.5.3');
    server.lies.root = () => json({ version: { number: '8.11.0', build_flavor: 'serverless' } });
    expect(await open()).toBe('serverless');
    server.lies.root = () => json({ error: { type: 'security_exception', reason: 'no' }, status: 403 }, 403);
    expect(await open()).toBeUndefined();
  });

  it.each([
    [
      'that says so',
      { version: { number: '2.19.0', distribution: 'opensearch' } },
      { 'x-elastic-product': 'Elasticsearch' },
    ],
    [
      'that the client refuses',
      { version: { number: '2.19.0', distribution: 'opensearch' } },
      { 'x-elastic-product': '' },
    ],
  ])('refuses OpenSearch %s with a clear word', async (_, body, headers) => {
    server.lies.root = () => json(body, 200, headers);
    await expect(adapter.open({ url: server.url }, {})).rejects.toMatchObject({
      code: 'not-supported',
      reason: 'This server is OpenSearch 2.19.0, not Elasticsearch.',
    });
  });

  it.each([
    ['another product', { hello: 'world' }, 'provider-error'],
    ['an old version', { version: { number: '7.17.0' } }, 'not-supported'],
  ])('refuses %s', async (_, body, code) => {
    server.lies.root = () => json(body);
    await expect(adapter.open({ url: server.url }, {})).rejects.toMatchObject({ code });
  });

  it('refuses what is no Elasticsearch at all', async () => {
    server.lies.root = () => ({
      status: 200,
      body: '<html>',
      headers: { 'x-elastic-product': '', 'content-type': 'text/html' },
    });
    await expect(adapter.open({ url: server.url }, {})).rejects.toMatchObject({ code: 'not-supported' });
  });

  it('passes on what is wrong with the credentials', async () => {
    server.lies.root = () =>
      json({ error: { type: 'security_exception', reason: 'missing credentials' }, status: 401 }, 401);
    await expect(adapter.open({ url: server.url }, {})).rejects.toMatchObject({
      code: 'unauthorized',
      reason: 'Elasticsearch: missing credentials',
    });
  });

  it('is unavailable at once where nobody listens', async () => {
    await expect(adapter.open({ url: 'http://127.0.0.1:1' }, {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is unavailable after a bounded time where nobody answers, and cancelled when asked to', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    try {
      await expect(adapter.open({ url, timeout: '100' }, {})).rejects.toMatchObject({
        code: expect.stringMatching(/unavailable|timeout/) as unknown,
      });
      const reason = new Error('cancelled by the test');
      const controller = new AbortController();
      const opening = adapter.open({ url }, { signal: controller.signal });
      controller.abort(reason);
      await expect(opening).rejects.toBe(reason);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('sends credentials, and plain media types that every version takes', async () => {
    const store = await adapter.open({ url: server.url, apiKey: 'a2V5' }, {});
    await (await store.collection('points', {})).count(undefined, {});
    await store.close();
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['ApiKey a2V5']));
    expect(new Set(server.requests.map(({ headers }) => headers.accept))).toEqual(new Set(['application/json']));
    const basic = await adapter.open({ url: server.url.replace('//', '//u:p%40@') }, {});
    await basic.close();
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('u:p@').toString('base64')}`);
  });

  it('uses a client of the application, and leaves it open', async () => {
    const client = new Client({ node: server.url, compression: true });
    const store = await adapter.open({}, { client });
    const collection = await store.collection('points', {});
    const ids: string[] = [];
    for await (const batch of collection.exportAll?.({ batchSize: 10 }) ?? []) ids.push(...batch.ids);
    expect(ids).toEqual(fakeDocuments(25).map(({ id }) => id));
    await store.close();
    expect(await client.info()).toMatchObject({ version: { number: '9.5.3' } });
    await client.close();
  });
});
