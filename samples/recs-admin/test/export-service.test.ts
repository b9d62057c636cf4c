import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { adminOf, type TestAdmin } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

describe('The export service under /service', () => {
  let application: Application;
  let admin: TestAdmin;

  beforeAll(async () => {
    application = await startTestApplication();
    admin = adminOf(application);
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('exports the collection of the application to a file, which the dashboard lists', async () => {
    const started = await admin.post('/service/v1/export/filesystem', { id: 'by-service', include: ['emoji'] });
    expect(await started.json()).toMatchObject({ id: 'by-service', status: 'STARTED', classes: ['emoji'] });
    const ended = await eventually('the export has ended', async () => {
      const status = (await (await admin.get('/service/v1/export/filesystem/by-service')).json()) as object;
      return 'completedAt' in status && status;
    });
    expect(ended).toMatchObject({ status: 'SUCCESS', progress: { emoji: { objectsExported: 1923 } } });
    expect(await (await admin.get('/admin/exports')).json()).toMatchObject({
      exports: [{ name: 'by-service', state: 'complete', summary: { points: 1923 } }],
    });
  });

  it('shows what it can do', async () => {
    const document = await admin.get('/service/docs/');
    expect(document.status).toBe(200);
    expect(document.headers.get('content-type')).toMatch('text/html');
  });
});
