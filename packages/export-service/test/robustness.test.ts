import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { eventually, removeTempFolders, tempFolder } from '@vecport/testkit';
import { openAuditFile } from '../src/auth/audit-file.js';
import { type ApiKeyRecord, createApiKey, openState, type ServiceState } from '../src/index.js';
import type { ExportRecord } from '../src/state/job-record.js';
import { fakeClock } from './support/fake-clock.js';
import { type FakeRunner, fakeRunner } from './support/fake-runner.js';
import {
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

let stores: MemoryStores;
let runner: FakeRunner;
let service: RunningService | undefined;

beforeEach(async () => {
  stores = await memoryStores({ Article: 10 });
  runner = fakeRunner();
});

afterEach(async () => {
  await service?.close();
  service = undefined;
  await stores.host.close();
});

afterAll(removeTempFolders);

const begin = async (setup: Partial<Parameters<typeof startService>[0]> = {}): Promise<RunningService> => {
  service = await startService({ stores: stores.set, runner, ...setup });
  return service;
};

describe('many at once', () => {
  it('requests for one id: one begins an export, the others are told of it', async () => {
    const { url } = await begin();
    const post = async () => request(`${url}/v1/export/filesystem`, { method: 'POST', body: { id: 'a' } });
    const answers = await Promise.all(Array.from({ length: 50 }, post));
    expect(answers.map(({ status }) => status).filter((status) => status !== 409)).toEqual([200]);
    expect(new Set(answers.map(({ json }) => json['code']))).toEqual(
      new Set([undefined, 'export-already-in-progress']),
    );
    await runner.run(0);
    expect(runner.runs).toHaveLength(1);
  });

  it('remembered exports: they are listed in pages, and others are answered meanwhile', async () => {
    const data = await tempFolder();
    const state = openState(data);
    const idOf = (n: number): string => `e-${String(n).padStart(5, '0')}`;
    for (let n = 0; n < 10_000; n++) state.jobs.note(ended(idOf(n)));
    const { url, client, clientOf } = await begin({
      state,
      data,
      keys: { all: [{ action: 'admin' }], none: [{ action: 'read', collections: ['Other'] }] },
    });
    expect(client).toBeDefined();
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await clientOf('all').exports.list('filesystem', { limit: 1000, after });
      expect(page.exports.length).toBeLessThanOrEqual(1000);
      seen.push(...page.exports.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, n) => idOf(n)));

    // Who may see none of them makes the service look at all.
    const order: string[] = [];
    const listing = clientOf('none').exports.list('filesystem');
    void listing.then(() => order.push('list'));
    const health = fetch(`${url}/healthz`).then(() => order.push('health'));
    expect(await listing).toEqual({ exports: [] });
    await health;
    expect(order).toEqual(['health', 'list']);
  });
});

describe('a full disk', () => {
  const full = (state: ServiceState, isFull: () => boolean): ServiceState => {
    const refuse = () => {
      if (isFull()) throw new Error('database or disk is full');
    };
    return {
      ...state,
      jobs: {
        ...state.jobs,
        put: (record) => {
          refuse();
          state.jobs.put(record);
        },
        note: (record) => {
          refuse();
          state.jobs.note(record);
        },
      },
    };
  };

  it('makes the service begin nothing, while what runs goes on', async () => {
    const data = await tempFolder();
    let isFull = false;
    const { client } = await begin({ data, state: full(openState(data), () => isFull) });
    await client.exports.start('filesystem', { id: 'before' });
    const run = await runner.run(0);
    isFull = true;
    await expect(client.exports.start('filesystem', { id: 'after' })).rejects.toMatchObject({
      status: 503,
      code: 'busy',
      retryAfterMs: 60_000,
    });
    run.context.onEvent({ type: 'plan', totals: { Article: 10 } });
    run.context.onEvent({ type: 'progress', name: 'Article', objects: 5, total: 10 });
    expect(await client.exports.status('filesystem', 'before')).toMatchObject({ status: 'TRANSFERRING' });
    run.succeed(10);
    await eventually('the run has ended', async () => {
      const { status } = await client.exports.status('filesystem', 'before');
      return status !== 'TRANSFERRING';
    });
    // What is written down is what was known before; the next service goes on with it.
    isFull = false;
    expect(await client.exports.start('filesystem', { id: 'after' })).toMatchObject({ status: 'STARTED' });
  });

  it('under the audit log: nothing is done that is not written down', async () => {
    const folder = await tempFolder();
    await symlink('/dev/full', join(folder, 'audit.ndjson'));
    const audit = openAuditFile(join(folder, 'audit.ndjson'));
    const { client } = await begin({ audit: audit.write });
    await expect(client.exports.start('filesystem', { id: 'a' })).rejects.toMatchObject({ status: 503, code: 'busy' });
    expect(runner.runs).toHaveLength(0);
    expect((await request(`${service?.url}/healthz`)).status).toBe(200);
    audit.close();
  });
});

describe('a clock that is set back', () => {
  it('by days, makes schedules run when they are due by what it shows then', async () => {
    const clock = fakeClock('2026-03-27T12:00:00Z');
    const { client } = await begin({ clock });
    await client.schedules.create({ id: 'nightly', cron: '30 2 * * *', backend: 'filesystem' });
    clock.set('2026-03-20T12:00:00Z');
    await clock.goTo('2026-03-20T12:30:00Z');
    expect(await client.schedules.get('nightly')).toMatchObject({
      nextRunAt: '2026-03-21T02:30:00.000Z',
      missedRuns: 0,
    });
    await clock.goTo('2026-03-21T02:30:00Z');
    expect((await runner.run(0)).task.address.id).toBe('nightly-20260321t023000z');
  });

  it('by a little, repeats no run', async () => {
    const clock = fakeClock('2026-03-27T12:00:00Z');
    const { client } = await begin({ clock });
    await client.schedules.create({ id: 'nightly', cron: '30 2 * * *', backend: 'filesystem' });
    await clock.goTo('2026-03-28T02:30:00Z');
    (await runner.run(0)).succeed();
    clock.set('2026-03-28T02:29:30Z');
    await clock.goTo('2026-03-28T03:00:00Z');
    expect(await client.schedules.get('nightly')).toMatchObject({
      nextRunAt: '2026-03-29T02:30:00.000Z',
      skippedRuns: 0,
    });
    expect(runner.runs).toHaveLength(1);
  });

  it('keeps no events back', async () => {
    const clock = fakeClock('2026-03-27T12:00:00Z');
    const { client, url } = await begin({ clock });
    await client.exports.start('filesystem', { id: 'a' });
    const { context } = await runner.run(0);
    const response = await fetch(`${url}/v1/export/filesystem/a/events`);
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk as Uint8Array);
    })();
    await eventually('the stream is open', () => text.includes('event: status'));
    context.onEvent({ type: 'progress', name: 'Article', objects: 1 });
    clock.set('2026-03-27T10:00:00Z');
    context.onEvent({ type: 'progress', name: 'Article', objects: 2 });
    await eventually('the event has come', () => text.includes('"objectsExported":2'));
    await service?.close();
    service = undefined;
    await reading;
  });
});

it('ends an event stream when its key is removed', async () => {
  const { key, record } = createApiKey('reader', [{ action: 'admin' }]);
  let keys: readonly ApiKeyRecord[] = [record];
  const { url } = await begin({ apiKeys: () => keys, limits: { heartbeatMs: 5 } });
  const headers = { authorization: `Bearer ${key}` };
  await request(`${url}/v1/export/filesystem`, { method: 'POST', body: { id: 'a' }, headers });
  await runner.run(0);
  const response = await fetch(`${url}/v1/export/filesystem/a/events`, { headers });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk as Uint8Array);
  })();
  await eventually('two signs of life', () => text.split(': still here').length > 2);
  keys = [];
  await reading;
  expect(text).not.toContain('event: end');
});

it('exports classes whatever their names are, and writes nothing beside the export', async () => {
  const names = ['../../up', 'a/b', '..', '.', 'con', 'x\u0000y', 'ü ß', '%2e%2e', 'a\\b', 'A', 'a'];
  const odd = await memoryStores(Object.fromEntries(names.map((name) => [name, 2])));
  const root = join(await tempFolder(), 'exports');
  service = await startService({ stores: odd.set, root });
  for (const layout of ['weaviate', 'native'] as const) {
    await service.client.exports.start('filesystem', { id: layout, layout });
    expect(await service.client.exports.wait('filesystem', layout)).toMatchObject({ status: 'SUCCESS' });
    const { manifest } = await openDataset(localStorage(join(root, layout)));
    expect(manifest.collections.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  }
  expect((await readdir(join(root, '..'))).toSorted()).toEqual(['exports']);
  expect((await readdir(root)).toSorted()).toEqual(['native', 'weaviate']);
});

function ended(id: string): ExportRecord {
  return {
    kind: 'export',
    address: { backend: 'filesystem', folder: '', id },
    status: 'SUCCESS',
    store: 'main',
    classes: ['Article'],
    owner: 'local',
    startedAt: Date.now(),
    completedAt: Date.now(),
    attempts: 1,
    request: { id },
    progress: { Article: { status: 'SUCCESS', objectsExported: 1 } },
  };
}
