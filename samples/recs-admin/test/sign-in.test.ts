import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { readSettings } from '../src/settings.js';
import { createAdminClient } from '../src/tour/admin-client.js';
import { adminOf, type TestAdmin } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

const PASSWORD = 'a long enough one';

describe('Signing in', () => {
  let application: Application;
  let admin: TestAdmin;

  beforeAll(async () => {
    application = await startTestApplication({ settings: { adminPassword: PASSWORD } });
    admin = adminOf(application);
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  it.each(['/admin/jobs', '/admin/capabilities', '/admin/exports', '/service/v1/export/filesystem', '/service/docs/'])(
    'is needed for %s',
    async (path) => {
      const response = await admin.get(path);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ status: 401, detail: expect.stringContaining('Sign in') });
    },
  );

  it('is not needed for the catalogue', async () => {
    expect((await admin.get('/api/items?query=dog')).status).toBe(200);
    expect(await (await admin.get('/session')).json()).toEqual({ required: true, signedIn: false });
  });

  it('gives a cookie that no script and no other site gets, until one signs out', async () => {
    const answer = await admin.post('/session', { password: PASSWORD });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    expect(cookie).not.toContain(PASSWORD);
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    const ask = async (path: string, method = 'GET') => fetch(new URL(path, application.url), { method, headers });
    expect((await ask('/admin/jobs')).status).toBe(200);
    expect(await (await ask('/session', 'DELETE')).json()).toEqual({ required: true, signedIn: false });
    expect((await ask('/admin/jobs')).status).toBe(401);
  });

  it('lets the application do its own work', async () => {
    const client = createAdminClient(application.url, application.ownCookie(), AbortSignal.timeout(20_000));
    expect(await client.exportToCache()).toMatchObject({ exported: 1923 });
  });

  it('is refused for a while after too many wrong passwords', async () => {
    const statuses = [];
    for (let attempt = 0; attempt < 12; attempt++) {
      statuses.push((await admin.post('/session', { password: 'wrong' })).status);
    }
    expect(statuses[0]).toBe(403);
    expect(statuses.at(-1)).toBe(429);
    expect((await admin.post('/session', { password: PASSWORD })).status).toBe(429);
  });
});

describe('An address that others can reach', () => {
  it.each([{}, { ADMIN_PASSWORD: 'short' }])('is refused without a good password: %j', (variables) => {
    expect(() => readSettings({ VECPORT_HOST: '0.0.0.0', ...variables })).toThrow(/ADMIN_PASSWORD/);
  });

  it('is taken with one, and answers to the names it is given', async () => {
    const settings = readSettings({
      VECPORT_HOST: '0.0.0.0',
      ADMIN_PASSWORD: PASSWORD,
      VECPORT_PUBLIC_HOSTS: 'recs.example, other.example',
    });
    expect(settings).toMatchObject({ host: '0.0.0.0', publicHosts: ['recs.example', 'other.example'] });
  });
});
