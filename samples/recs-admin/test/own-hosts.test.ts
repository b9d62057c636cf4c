import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { startTestApplication } from './support/start-test-application.js';

const EXPORT = '/admin/cache/embeddings/export';

describe('What a web page elsewhere makes a browser send', () => {
  let application: Application;

  beforeAll(async () => {
    application = await startTestApplication();
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  // Not fetch, which does not let these headers be set.
  async function send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number | undefined; readonly body: string }> {
    const sent = request(new URL(path, application.url), { method, headers });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, body: await text(answer) };
  }

  it.each(['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0'])(
    'is refused when it asks for the host %j',
    async (host) => {
      for (const path of ['/', '/admin/capabilities', '/style.css']) {
        expect((await send('GET', path, { host })).status).toBe(403);
      }
      expect((await send('POST', EXPORT, { host })).status).toBe(403);
      expect(await application.cache.stats()).toMatchObject({ entries: 0 });
    },
  );

  it.each([
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' },
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
  ])('is refused when it would change something: %j', async (headers) => {
    const { status, body } = await send('POST', EXPORT, headers);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ detail: expect.stringContaining('other sites') });
    expect(await application.cache.stats()).toMatchObject({ entries: 0 });
  });

  it('may still follow a link to a page', async () => {
    const { status } = await send('GET', '/api/overview', { 'sec-fetch-site': 'cross-site' });
    expect(status).toBe(200);
  });

  it('is answered when it comes from the own page, by either name', async () => {
    const { port, origin } = new URL(application.url);
    const own = [
      { 'sec-fetch-site': 'same-origin', origin },
      { host: `localhost:${port}`, origin: `http://localhost:${port}` },
      {},
    ];
    for (const headers of own) expect((await send('POST', EXPORT, headers)).status).toBe(200);
  });
});
