import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lancedb } from '@vecport/adapter-lancedb';
import { adapterModule, memoryAdapter, removeTempFolders, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { startTestApplication } from './support/start-test-application.js';

const SECRET = 'correct-horse-battery';

describe('The admin routes', () => {
  let application: Application;

  beforeAll(async () => {
    const path = await tempFolder();
    const guarded = {
      ...memoryAdapter(),
      name: 'guarded',
      schemes: ['guarded'],
      settings: [{ name: 'apiKey', description: 'A key.', secret: true, env: ['GUARDED_API_KEY'] }],
    };
    application = await startTestApplication({
      host: { modules: [lancedb({ path }), adapterModule(guarded)], env: { GUARDED_API_KEY: SECRET } },
    });
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('GET /admin/capabilities gives the boot report, without secrets', async () => {
    const response = await fetch(new URL('/admin/capabilities', application.url));
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      adapters: expect.arrayContaining([
        expect.objectContaining({
          name: 'lancedb',
          state: 'ready',
          collections: [expect.objectContaining({ name: 'emoji', points: 1923 })],
        }),
        expect.objectContaining({
          name: 'guarded',
          settings: [expect.objectContaining({ name: 'apiKey', value: '***' })],
        }),
      ]),
    });
    expect(text).not.toContain(SECRET);
  });

  it('GET /admin/cache/stats counts the entries', async () => {
    const response = await fetch(new URL('/admin/cache/stats', application.url));
    expect(await response.json()).toMatchObject({ entries: 0 });
  });

  it('answers what is not there, or not understood, with a problem and no stack', async () => {
    const cases = [
      ['/admin/nothing', 404],
      ['/admin/cluster/status', 404],
      ['/api/items/NOPE/similar', 404],
      ['/api/items/1F436/similar?k=0', 400],
      ['/api/items/1F436/similar?k=many', 400],
      ['/api/items/%E0%A4%A/similar', 400],
      [`/api/items?query=${'x'.repeat(201)}`, 400],
    ] as const;
    for (const [path, status] of cases) {
      const response = await fetch(new URL(path, application.url));
      const text = await response.text();
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get('content-type')).toMatch('application/problem+json');
      expect(JSON.parse(text)).toMatchObject({ type: 'about:blank', status });
      expect(text).not.toMatch(/\bat .*\.[jt]s/);
    }
  });
});
