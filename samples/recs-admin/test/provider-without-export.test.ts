import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adapterModule, memoryAdapter, removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { startTestApplication } from './support/start-test-application.js';
import { WRITE_ONLY_REASON, writeOnlyAdapter } from './support/write-only-adapter.js';

describe('A provider that cannot export', () => {
  let application: Application;

  beforeAll(async () => {
    const able = memoryAdapter();
    await able.store('default').create(
      {
        name: 'other',
        vectors: { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } },
        idKinds: ['string'],
      },
      {},
    );
    application = await startTestApplication({
      settings: { store: 'write-only' },
      host: { modules: [adapterModule(writeOnlyAdapter()), adapterModule(able)] },
    });
    await application.reports.refresh();
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('is seeded and searched like any other', async () => {
    expect(application.seeded.vectors).toBe(1923);
    const response = await fetch(new URL('/api/items/1F436/similar?k=3', application.url));
    expect(response.status).toBe(200);
  });

  it('answers the export with 501, naming the provider, the reason and the adapters that can', async () => {
    const response = await fetch(new URL('/admin/cache/embeddings/export', application.url), { method: 'POST' });
    expect(response.status).toBe(501);
    expect(response.headers.get('content-type')).toMatch('application/problem+json');
    const problem = (await response.json()) as { detail: string };
    expect(problem).toMatchObject({
      status: 501,
      code: 'not-supported',
      provider: 'write-only',
      alternatives: ['memory'],
    });
    expect(problem.detail).toContain('Provider: write-only');
    expect(problem.detail).toContain(WRITE_ONLY_REASON);
    expect(problem.detail).toContain('memory');
  });

  it('names adapters that are installed but not configured, of which nobody can know it', async () => {
    await application.close();
    application = await startTestApplication({
      settings: { store: 'write-only' },
      host: { discover: true, modules: [adapterModule(writeOnlyAdapter())] },
    });
    const response = await fetch(new URL('/admin/cache/embeddings/export', application.url), { method: 'POST' });
    expect(response.status).toBe(501);
    const problem = (await response.json()) as { detail: string; unconfigured: string[] };
    expect(problem.unconfigured).toEqual(expect.arrayContaining(['elastic', 'qdrant', 'weaviate']));
    expect(problem.detail).toMatch(/Installed here, but not configured: .*weaviate/);
  });

  it('tells the dashboard the reason', async () => {
    const overview = await (await fetch(new URL('/api/overview', application.url))).json();
    expect(overview).toMatchObject({ exportProblem: expect.stringContaining(WRITE_ONLY_REASON) });
  });
});
