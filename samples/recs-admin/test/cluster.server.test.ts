import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders, serverUrl } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { adminOf } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

describe('The cluster of the dashboard', () => {
  let application: Application;

  afterEach(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('is asked for its workers, queues and runs', async () => {
    application = await startTestApplication({ settings: { cluster: serverUrl('redis') } });
    const admin = adminOf(application);
    expect(await (await admin.get('/admin/cluster')).json()).toEqual({ configured: true });
    const response = await admin.get('/admin/cluster/status');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      cluster: expect.stringMatching(/^redis:/),
      workers: expect.any(Array),
      queues: { slices: expect.any(Object) },
      runs: expect.any(Array),
    });
  });
});
