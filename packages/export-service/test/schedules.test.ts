import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, removeTempFolders } from '@vecport/testkit';
import { type FakeClock, fakeClock } from './support/fake-clock.js';
import { type FakeRunner, fakeRunner } from './support/fake-runner.js';
import { type MemoryStores, memoryStores, type RunningService, startService } from './support/start-service.js';

let stores: MemoryStores;
let clock: FakeClock;
let service: RunningService;

beforeEach(async () => {
  stores = await memoryStores({ Article: 30, Product: 20 });
  clock = fakeClock('2026-03-27T12:00:00Z');
  service = await startService({ stores: stores.set, clock });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

const nightly = { id: 'nightly', cron: '30 2 * * *', backend: 'filesystem' } as const;

const again = async (setup: Partial<Parameters<typeof startService>[0]> = {}): Promise<void> => {
  const { data, root } = service;
  await service.close();
  service = await startService({ stores: stores.set, clock, data, root, ...setup });
};

/** Wait until the export of a schedule that began at a time has ended, and what follows it is done. */
const ended = async (id: string): Promise<void> => {
  await eventually(`${id} has ended`, async () => {
    const { lastRun } = await service.client.schedules.get('nightly');
    if (lastRun?.error !== undefined) throw new Error(lastRun.error);
    return lastRun?.id === id && lastRun.status === 'SUCCESS';
  });
};

const exportsNow = async (): Promise<readonly string[]> =>
  (await service.client.exports.list('filesystem')).exports.map(({ id }) => id);

describe('schedules', () => {
  it('are created, listed, described and removed', async () => {
    const created = await service.client.schedules.create({ ...nightly, timeZone: 'Europe/Berlin' });
    expect(created).toEqual({
      ...nightly,
      timeZone: 'Europe/Berlin',
      mode: 'full',
      missed: 'run',
      source: 'main',
      classes: [],
      createdAt: '2026-03-27T12:00:00.000Z',
      nextRunAt: '2026-03-28T01:30:00.000Z',
      skippedRuns: 0,
      missedRuns: 0,
    });
    expect(await service.client.schedules.create({ ...nightly, timeZone: 'Europe/Berlin' })).toEqual(created);
    await expect(service.client.schedules.create(nightly)).rejects.toMatchObject({ code: 'id-already-used' });
    expect(await service.client.schedules.list()).toEqual({ schedules: [created] });
    expect(await service.client.schedules.get('nightly')).toEqual(created);
    await service.client.schedules.remove('nightly');
    await expect(service.client.schedules.get('nightly')).rejects.toMatchObject({ status: 404 });
    await clock.goTo('2026-03-29T12:00:00Z');
    expect(await exportsNow()).toEqual([]);
  });

  it('export when they are due, also over a change of the clocks', async () => {
    await service.client.schedules.create({ ...nightly, timeZone: 'Europe/Berlin', export: { include: ['Product'] } });
    await clock.goTo('2026-03-28T01:30:00Z');
    await ended('nightly-20260328t013000z');
    // There is no half past two that night: clocks go from two to three, which is when it runs.
    expect((await service.client.schedules.get('nightly')).nextRunAt).toBe('2026-03-29T01:00:00.000Z');
    await clock.goTo('2026-03-29T01:00:00Z');
    await ended('nightly-20260329t010000z');
    expect((await service.client.schedules.get('nightly')).nextRunAt).toBe('2026-03-30T00:30:00.000Z');
    expect(await service.client.exports.status('filesystem', 'nightly-20260328t013000z')).toMatchObject({
      status: 'SUCCESS',
      classes: ['Product'],
    });
  });

  it('keep as many exports as they should', async () => {
    await service.client.schedules.create({ ...nightly, keep: 2 });
    for (const day of ['28', '29', '30']) {
      await clock.goTo(`2026-03-${day}T02:30:00Z`);
      await ended(`nightly-202603${day}t023000z`);
    }
    const kept = ['nightly-20260329t023000z', 'nightly-20260330t023000z'];
    await eventually('the oldest is removed', async () => (await exportsNow()).length === 2);
    expect(await exportsNow()).toEqual(kept);
    expect((await readdir(service.root)).toSorted()).toEqual(kept);
  });

  it('export increments, and keep what those need', async () => {
    await service.client.schedules.create({ ...nightly, mode: 'incremental', fullEvery: 3, keep: 1 });
    const ids: string[] = [];
    for (const day of ['28', '29', '30', '31']) {
      await clock.goTo(`2026-03-${day}T02:30:00Z`);
      ids.push(`nightly-202603${day}t023000z`);
      await ended(ids.at(-1) ?? '');
      // The fourth is full again: those before it are not needed any more.
      const kept = day === '31' ? ids.slice(3) : ids;
      await eventually('what is not needed is removed', async () => (await exportsNow()).length === kept.length);
      expect(await exportsNow()).toEqual(kept);
    }
  });

  it('begin nothing while the run before is not done', async () => {
    const runner: FakeRunner = fakeRunner();
    await again({ runner });
    await service.client.schedules.create(nightly);
    await clock.goTo('2026-03-28T02:30:00Z');
    const run = await runner.run(0);
    await clock.goTo('2026-03-29T02:30:00Z');
    await eventually('a run is skipped', async () => (await service.client.schedules.get('nightly')).skippedRuns === 1);
    run.succeed();
    await ended('nightly-20260328t023000z');
    await clock.goTo('2026-03-30T02:30:00Z');
    (await runner.run(1)).succeed();
    await ended('nightly-20260330t023000z');
    expect(runner.runs).toHaveLength(2);
  });

  it.each([
    ['run', 1],
    ['skip', 0],
  ] as const)('that were missed: %s', async (missed, runs) => {
    await service.client.schedules.create({ ...nightly, missed });
    const { data, root } = service;
    await service.close();
    clock = fakeClock('2026-03-30T12:00:00Z');
    const runner = fakeRunner();
    service = await startService({ stores: stores.set, clock, data, root, runner });
    const schedule = await eventually('missed runs are counted', async () => {
      const found = await service.client.schedules.get('nightly');
      return found.missedRuns > 0 && found;
    });
    expect(schedule).toMatchObject({ missedRuns: 3, nextRunAt: '2026-03-31T02:30:00.000Z' });
    if (runs > 0) expect((await runner.run(0)).task.address.id).toBe('nightly-20260330t120000z');
    expect(runner.runs).toHaveLength(runs);
  });

  it('remember why a run could not be begun, and try the next one', async () => {
    const store = await stores.set.open('main');
    await service.client.schedules.create({ ...nightly, export: { include: ['Product'] } });
    await store.drop('Product');
    await clock.goTo('2026-03-28T02:30:00Z');
    await eventually('the error is remembered', async () => {
      const { lastRun } = await service.client.schedules.get('nightly');
      return lastRun?.error?.includes('class does not exist: Product');
    });
    expect((await service.client.schedules.get('nightly')).nextRunAt).toBe('2026-03-29T02:30:00.000Z');
  });

  it('may do no more than who made them', async () => {
    await again({ keys: { articles: [{ action: 'manage', collections: ['Article'] }], root: [{ action: 'admin' }] } });
    await service.clientOf('articles').schedules.create(nightly);
    await clock.goTo('2026-03-28T02:30:00Z');
    const status = await eventually('it ended', async () => {
      const { exports } = await service.clientOf('root').exports.list('filesystem', { status: 'SUCCESS' });
      return exports[0];
    });
    expect(status.classes).toEqual(['Article']);
    expect(service.audit).toContainEqual(
      expect.objectContaining({ principal: 'key:articles', operation: 'schedule', decision: 'allowed' }),
    );
  });

  it.each([
    [{ cron: 'every day' }, 'cron'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ cron: '* * * * * *' }, 'minute'],
    [{ mode: 'incremental', export: { layout: 'weaviate' } }, 'native'],
    [{ export: { id: 'x' } }, 'id'],
    [{ export: { include: ['a'], exclude: ['b'] } }, 'exclude'],
  ])('that cannot be are refused: %j', async (wrong, named) => {
    await expect(service.client.schedules.create({ ...nightly, ...wrong } as typeof nightly)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(named),
    });
  });
});
