import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { ExportServiceError, type ExportStatus, type JobEvent } from '@vecport/export-client';
import { localStorage } from '@vecport/storage';
import { eventually, removeTempFolders } from '@vecport/testkit';
import { openState, type StoreSet } from '../src/index.js';
import { type FakeRunner, fakeRunner } from './support/fake-runner.js';
import { type MemoryStores, memoryStores, type RunningService, startService } from './support/start-service.js';

let stores: MemoryStores;
let runner: FakeRunner;
let service: RunningService;

beforeEach(async () => {
  stores = await memoryStores({ Article: 3000, Product: 20 });
  runner = fakeRunner();
  service = await startService({ stores: stores.set, runner });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

const again = async (setup: Partial<Parameters<typeof startService>[0]> = {}): Promise<void> => {
  const { data, root } = service;
  await service.close();
  service = await startService({ stores: stores.set, data, root, ...setup });
};

const collect = async (events: AsyncIterable<JobEvent<ExportStatus>>): Promise<JobEvent<ExportStatus>[]> => {
  const all: JobEvent<ExportStatus>[] = [];
  for await (const event of events) all.push(event);
  return all;
};

describe('a running export', () => {
  it('tells its progress, with rate and time left', async () => {
    const { exports } = service.client;
    await exports.start('filesystem', { id: 'a' });
    const { context } = await runner.run(0);
    context.onEvent({ type: 'plan', totals: { Article: 3000, Product: 20 } });
    expect((await exports.status('filesystem', 'a')).status).toBe('STARTED');
    context.onEvent({ type: 'progress', name: 'Article', objects: 100, total: 3000 });
    context.onEvent({ type: 'file', name: 'Article', path: 'p', bytes: 5000 });
    const running = await eventually('a rate is known', async () => {
      const objects = (await exports.status('filesystem', 'a')).progress['Article']?.objectsExported ?? 0;
      context.onEvent({ type: 'progress', name: 'Article', objects: objects + 10, total: 3000 });
      const status = await exports.status('filesystem', 'a');
      return (status.objectsPerSecond ?? 0) > 0 && status;
    });
    expect(running).toMatchObject({
      status: 'TRANSFERRING',
      etaSeconds: expect.any(Number),
      progress: {
        Article: { status: 'TRANSFERRING', fileSizeBytes: 5000, objectsTotal: 3000 },
        Product: { status: 'STARTED', objectsExported: 0, objectsTotal: 20 },
      },
    });
  });

  it('is canceled, its files are removed, and the same request begins anew', async () => {
    const { exports } = service.client;
    await exports.start('filesystem', { id: 'a' });
    const { context } = await runner.run(0);
    context.onEvent({ type: 'plan', totals: {} });
    const canceled = await exports.cancel('filesystem', 'a');
    expect(canceled).toMatchObject({ status: 'CANCELED', completedAt: expect.any(String) });
    expect(context.signal.aborted).toBe(true);
    expect(runner.removed).toMatchObject([{ backend: 'filesystem', folder: '', id: 'a' }]);
    await expect(exports.cancel('filesystem', 'a')).rejects.toMatchObject({ code: 'not-running', status: 409 });
    expect(await exports.start('filesystem', { id: 'a' })).toMatchObject({ status: 'STARTED' });
    (await runner.run(1)).succeed();
    expect((await exports.wait('filesystem', 'a')).status).toBe('SUCCESS');
  });

  it('is canceled while it waits', async () => {
    await again({ runner, limits: { concurrency: 1 } });
    const { exports } = service.client;
    for (const id of ['a', 'b']) await exports.start('filesystem', { id });
    expect((await exports.cancel('filesystem', 'b')).status).toBe('CANCELED');
    (await runner.run(0)).succeed();
    await exports.wait('filesystem', 'a');
    expect(runner.runs).toHaveLength(1);
    expect(runner.removed).toEqual([]);
  });

  it('fails with a reason, and the same request goes on with it', async () => {
    const { exports } = service.client;
    await exports.start('filesystem', { id: 'a', include: ['Product'] });
    (await runner.run(0)).fail(new Error('secret=hunter2'));
    const failed = await exports.wait('filesystem', 'a');
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Something unexpected went wrong; the log says more.' });
    await exports.start('filesystem', { id: 'a', include: ['Product'] });
    (await runner.run(1)).succeed(20);
    const ended = await exports.wait('filesystem', 'a');
    expect(ended).toMatchObject({ status: 'SUCCESS', progress: { Product: { objectsExported: 20 } } });
    expect(ended).not.toHaveProperty('error');
  });
});

describe('events', () => {
  it('begin with the status and end with the end', async () => {
    await service.client.exports.start('filesystem', { id: 'a', include: ['Product'] });
    const { context, succeed } = await runner.run(0);
    const events = service.client.exports.events('filesystem', 'a')[Symbol.asyncIterator]();
    const first = await events.next();
    for (let n = 1; n <= 20; n++) context.onEvent({ type: 'progress', name: 'Product', objects: n, total: 20 });
    succeed(20);
    const all = [first.value as JobEvent<ExportStatus>, ...(await collect({ [Symbol.asyncIterator]: () => events }))];
    expect(all[0]?.type).toBe('status');
    expect(all.at(-1)).toMatchObject({ type: 'end', status: { status: 'SUCCESS' } });
    expect(all.length).toBeLessThan(10);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it('of an export that has ended are its end', async () => {
    await service.client.exports.start('filesystem', { id: 'a' });
    (await runner.run(0)).succeed();
    await service.client.exports.wait('filesystem', 'a');
    await eventually('it is over', async () => {
      const all = await collect(service.client.exports.events('filesystem', 'a'));
      return all.length === 1 && all[0]?.type === 'end';
    });
  });

  it('go on behind the last one that was seen', async () => {
    await service.client.exports.start('filesystem', { id: 'a', include: ['Product'] });
    const { context, succeed } = await runner.run(0);
    const seen: JobEvent<ExportStatus>[] = [];
    context.onEvent({ type: 'progress', name: 'Product', objects: 1 });
    for await (const event of service.client.exports.events('filesystem', 'a')) {
      seen.push(event);
      break;
    }
    succeed();
    await eventually(
      'it ended',
      async () => (await service.client.exports.status('filesystem', 'a')).status === 'SUCCESS',
    );
    const rest = await collect(service.client.exports.events('filesystem', 'a', { lastEventId: seen[0]?.id }));
    expect(rest.map(({ type }) => type)).toEqual(['end']);
    const unknown = await collect(service.client.exports.events('filesystem', 'a', { lastEventId: 'x.1' }));
    expect(unknown.map(({ type }) => type)).toEqual(['end']);
  });

  it('show signs of life, and end with the service', async () => {
    await again({ runner, limits: { heartbeatMs: 5 } });
    await service.client.exports.start('filesystem', { id: 'a' });
    await runner.run(0);
    const response = await fetch(`${service.url}/v1/export/filesystem/a/events`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk as Uint8Array);
    })();
    await eventually('a sign of life', () => text.includes(': still here'));
    await service.close();
    await reading;
    expect(text).not.toContain('event: end');
    service = await startService({ stores: stores.set, runner });
  });

  it('are left out for a reader that is slow, but for the last', async () => {
    await service.client.exports.start('filesystem', { id: 'a', include: ['Product'] });
    const { context, succeed } = await runner.run(0);
    const response = await fetch(`${service.url}/v1/export/filesystem/a/events`);
    for (let n = 0; n < 50_000; n++) context.onEvent({ type: 'progress', name: 'Product', objects: n });
    succeed(7);
    const text = await response.text();
    expect(text.length).toBeLessThan(100_000);
    expect(text).toContain('event: end');
  });

  it('are sent to so many readers', async () => {
    await again({ runner, limits: { streams: 1 } });
    await service.client.exports.start('filesystem', { id: 'a' });
    await runner.run(0);
    // Nobody has more than half, but one anyway.
    const first = await fetch(`${service.url}/v1/export/filesystem/a/events`);
    const second = await fetch(`${service.url}/v1/export/filesystem/a/events`);
    expect(second.status).toBe(503);
    await second.text();
    await first.body?.cancel();
    await eventually('there is room again', async () => {
      const third = await fetch(`${service.url}/v1/export/filesystem/a/events`);
      await third.body?.cancel();
      return third.status === 200;
    });
  });
});

describe('the next service of the same state', () => {
  it('goes on with what was running and what was waiting', async () => {
    await again({ runner, limits: { concurrency: 1 } });
    for (const id of ['a', 'b']) await service.client.exports.start('filesystem', { id });
    const { context } = await runner.run(0);
    context.onEvent({ type: 'progress', name: 'Article', objects: 10 });
    const next = fakeRunner();
    await again({ runner: next });
    expect(context.signal.aborted).toBe(true);
    for (const n of [0, 1]) (await next.run(n)).succeed();
    for (const id of ['a', 'b']) expect((await service.client.exports.wait('filesystem', id)).status).toBe('SUCCESS');
  });

  it('gives up what was begun too often', async () => {
    await service.client.exports.start('filesystem', { id: 'a' });
    await runner.run(0);
    const { data, root } = service;
    await service.close();
    // What is remembered when a process was killed while it worked on it for the third time.
    const state = openState(data);
    const key = { kind: 'export', backend: 'filesystem', id: 'a' } as const;
    const record = state.jobs.get(key);
    expect(record).toMatchObject({ status: 'STARTED', attempts: 0 });
    if (record !== undefined) state.jobs.put({ ...record, attempts: 3 });
    state.close();
    service = await startService({ stores: stores.set, data, root, runner, limits: { attempts: 3 } });
    expect(await service.client.exports.status('filesystem', 'a')).toMatchObject({
      status: 'FAILED',
      error: 'The service ended 3 times while it worked on it.',
    });
  });

  it('cannot be there at the same time', () => {
    expect(() => openState(service.data)).toThrow('Another service uses the state');
  });

  it('has forgotten what ended long ago', async () => {
    await service.client.exports.start('filesystem', { id: 'a' });
    (await runner.run(0)).succeed();
    await service.client.exports.wait('filesystem', 'a');
    await again({ limits: { retentionDays: -1 } });
    await expect(service.client.exports.status('filesystem', 'a')).rejects.toBeInstanceOf(ExportServiceError);
  });

  it('makes of an interrupted export the same files as without the interruption', async () => {
    await again({ stores: slowly(stores.set) });
    const body = { id: 'a', layout: 'native', include: ['Article'], parallel: 1 } as const;
    await service.client.exports.start('filesystem', body);
    await eventually('it has begun', async () => (await readdir(join(service.root, 'a'))).includes('plan.json'));
    await again();
    expect((await service.client.exports.wait('filesystem', 'a')).status).toBe('SUCCESS');
    await service.client.exports.start('filesystem', { ...body, id: 'b' });
    await service.client.exports.wait('filesystem', 'b');
    const filesOf = async (id: string): Promise<readonly string[]> => {
      const { manifest } = await openDataset(localStorage(join(service.root, id)));
      return manifest.collections.flatMap(({ parts }) => parts.map(({ path, sha256 }) => `${path} ${sha256}`));
    };
    expect(await filesOf('a')).toEqual(await filesOf('b'));
  });
});

/** Stores whose reads never end until they are aborted. */
function slowly(set: StoreSet): StoreSet {
  return {
    ...set,
    open: async (name, options) => {
      const store = await set.open(name, options);
      return {
        ...store,
        repository: async (collection, o) => {
          const repository = await store.repository(collection, o);
          return {
            ...repository,
            exportAll: async function* (exporting) {
              yield* [];
              await new Promise((_resolve, reject) => {
                exporting?.signal?.addEventListener('abort', () => reject(exporting.signal?.reason as Error));
              });
            },
          };
        },
      };
    },
  };
}
