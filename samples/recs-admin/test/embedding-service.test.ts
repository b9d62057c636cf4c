import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmbeddingServer, removeTempFolders, startEmbeddingServer } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import type { AppSettings } from '../src/settings.js';
import { adminOf, type TestAdmin } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

const SEARCH = '/api/items/by-text?text=a%20pet%20that%20barks&k=5';

describe('Search by text', () => {
  let service: EmbeddingServer;
  let application: Application;
  let admin: TestAdmin;

  const start = async (dimension: number, more: Partial<AppSettings> = {}): Promise<void> => {
    service = await startEmbeddingServer(dimension);
    application = await startTestApplication({
      settings: { embeddingService: { url: service.url, apiKey: undefined }, ...more },
    });
    admin = adminOf(application);
  };
  const refusal = async (): Promise<unknown> => {
    const response = await admin.get(SEARCH);
    return { status: response.status, ...((await response.json()) as object) };
  };

  beforeEach(() => {
    application = undefined as never;
  });

  afterEach(async () => {
    await application?.close();
    await service.close();
    await removeTempFolders();
  });

  it('asks the service once for a text, within a group if that is said', async () => {
    await start(384);
    const { found } = (await (await admin.get(`${SEARCH}&group=food-drink`)).json()) as {
      found: { item: { group: string } }[];
    };
    expect(found.map(({ item }) => item.group)).toEqual(Array(5).fill('food-drink'));
    expect(service.requests).toEqual([expect.objectContaining({ input: ['a pet that barks'] })]);
    expect(await application.cache.stats()).toMatchObject({ entries: 0, misses: 1 });
  });

  it('is refused when the service makes vectors of another dimension', async () => {
    await start(768);
    expect(await refusal()).toMatchObject({
      status: 409,
      code: 'dimension-mismatch',
      detail: expect.stringMatching(/768.*384.*EMBEDDING_MODEL/),
    });
    const seed = await admin.finished(await admin.started('/admin/seed'));
    expect(seed).toMatchObject({ status: 'failed', error: { code: 'dimension-mismatch' } });
    expect(await application.cache.stats()).toMatchObject({ entries: 0 });
  });

  it('is refused when the service is set to another model', async () => {
    await start(384, { embeddingModel: 'nomic-embed-text' });
    expect(await refusal()).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/nomic-embed-text.*all-MiniLM-L6-v2/),
    });
    expect(service.requests).toEqual([]);
  });

  it('takes the same model under the name a service gives it', async () => {
    await start(384, { embeddingModel: 'sentence-transformers/all-minilm-l6-v2:latest' });
    expect((await admin.get(SEARCH)).status).toBe(200);
    expect(service.requests).toMatchObject([{ model: 'sentence-transformers/all-minilm-l6-v2:latest' }]);
  });

  it('says at once when the service is not there, answers an error, or answers something else', async () => {
    await start(384);
    service.answers.push({ status: 500 }, { status: 401 }, { body: '<html>hello</html>' }, { body: '{"data":[]}' });
    const statuses = [];
    for (let asked = 0; asked < 4; asked++) statuses.push(((await refusal()) as { status: number }).status);
    expect(statuses).toEqual([503, 502, 503, 502]);
    expect(service.requests).toHaveLength(4);
    await service.close();
    expect(await refusal()).toMatchObject({ status: 503, detail: expect.stringContaining('EMBEDDING_URL') });
  });
});
