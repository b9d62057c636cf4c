import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dataset, openDataset } from '@vecport/dataset';
import { createExportClient, type ExportClient } from '@vecport/export-client';
import { localStorage } from '@vecport/storage';
import { eventually, type NodeChild, removeTempFolders, tempFolder } from '@vecport/testkit';
import { runHere } from './support/run-here.js';
import { seedStore, withStore } from './support/seed-store.js';
import { killLeftovers, startVecport, vecport } from './support/vecport.js';

let cwd: string;

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [
    { name: 'Article', points: 20_000, dimension: 64 },
    { name: 'Product', points: 20_000, dimension: 64, seed: 1 },
    { name: 'Tag', points: 50, dimension: 4 },
  ]);
});

afterEach(killLeftovers);
afterAll(removeTempFolders);

interface Served {
  readonly child: NodeChild;
  readonly url: string;
  readonly client: ExportClient;
}

async function serve(args: readonly string[] = [], token?: string): Promise<Served> {
  const stores = ['--store', 'main=lancedb:./data', '--store', 'copy=lancedb:./copy'];
  const child = startVecport(['serve', '--port', '0', '--data', 'service', ...stores, ...args], { cwd });
  await child.output('listens at ');
  const url = /listens at (\S+),/.exec(child.stderr())?.[1] ?? '';
  return { child, url, client: createExportClient({ url, token }) };
}

const end = async ({ child }: Served): Promise<void> => {
  child.kill('SIGTERM');
  expect(await child.exit).toMatchObject({ code: 0, signal: null });
};

const datasetOf = async (id: string): Promise<Dataset> => openDataset(localStorage(join(cwd, 'service/exports', id)));

describe('vecport serve', () => {
  it('exports, lists, follows, restores and schedules', async () => {
    const served = await serve();
    const { exports, imports, schedules } = served.client;
    await exports.start('filesystem', { id: 'tags', include: ['Tag'] });
    expect(await exports.wait('filesystem', 'tags')).toMatchObject({
      status: 'SUCCESS',
      path: 'filesystem:///tags/',
      progress: { Tag: { objectsExported: 50 } },
    });
    expect((await stat(join(cwd, 'service/exports/tags/Tag.parquet'))).size).toBeGreaterThan(100);
    expect((await exports.list('filesystem')).exports).toHaveLength(1);
    await imports.start('filesystem', 'tags', { target: 'copy', verify: true });
    expect(await imports.wait('filesystem', 'tags')).toMatchObject({ status: 'SUCCESS' });
    await schedules.create({ id: 'nightly', cron: '0 3 * * *', backend: 'filesystem', timeZone: 'Europe/Berlin' });
    expect((await schedules.list()).schedules).toHaveLength(1);
    await schedules.remove('nightly');
    for (const path of ['healthz', 'readyz', 'metrics', 'openapi.json', 'docs/']) {
      expect((await fetch(`${served.url}/${path}`)).status).toBe(200);
    }
    expect((await fetch(`${served.url}/nothing`)).status).toBe(404);
    await end(served);
    await withStore(join(cwd, 'copy'), async (store) => {
      expect(await (await store.repository('Tag')).count()).toBe(50);
    });
  }, 60_000);

  it('goes on with an export after kill -9, and the result is that of a run without it', async () => {
    const body = { include: ['Article', 'Product'], parallel: 1 };
    const first = await serve();
    await first.client.exports.start('filesystem', { id: 'killed', ...body });
    await eventually(
      'the second class is being exported',
      async () => {
        const { progress, status } = await first.client.exports.status('filesystem', 'killed');
        expect(status).not.toBe('SUCCESS');
        return (progress['Product']?.objectsExported ?? 0) > 0;
      },
      { interval: 1 },
    );
    first.child.kill('SIGKILL');
    await first.child.exit;
    const second = await serve();
    expect(await second.client.exports.wait('filesystem', 'killed')).toMatchObject({ status: 'SUCCESS' });
    await second.client.exports.start('filesystem', { id: 'whole', ...body });
    expect(await second.client.exports.wait('filesystem', 'whole')).toMatchObject({ status: 'SUCCESS' });
    await end(second);
    const factsOf = async (id: string): Promise<unknown> => {
      const { manifest } = await datasetOf(id);
      return manifest.collections.map(({ digest, counts, parts }) => [
        digest,
        counts.exported,
        parts.map(({ path, sha256 }) => [path, sha256]),
      ]);
    };
    expect(await factsOf('killed')).toEqual(await factsOf('whole'));
  }, 90_000);

  it('lets in who has a key, once there is one', async () => {
    const made = await vecport(['serve', '--data', 'service', '--add-key', 'ci', '--grant', 'read:Tag', '--json'], {
      cwd,
    });
    const { key } = JSON.parse(made.stdout) as { readonly key: string };
    expect((await stat(join(cwd, 'service/keys.json'))).mode & 0o077).toBe(0);
    expect(await readFile(join(cwd, 'service/keys.json'), 'utf8')).not.toContain(key.slice(21));
    const served = await serve([], key);
    expect((await fetch(`${served.url}/v1/export/filesystem`)).status).toBe(401);
    expect((await served.client.exports.start('filesystem', { id: 'mine' })).classes).toEqual(['Tag']);
    await served.client.exports.wait('filesystem', 'mine');
    await expect(served.client.exports.start('filesystem', { id: 'a', include: ['Article'] })).rejects.toMatchObject({
      code: 'authorization-failed',
    });
    const audit = await readFile(join(cwd, 'service/audit.ndjson'), 'utf8');
    expect(audit).toContain('"decision":"denied"');
    expect(audit + served.child.stderr()).not.toContain(key.slice(21));
    expect((await runHere(['serve', '--data', 'service', '--list-keys'], { cwd })).stdout).toMatch(
      /^[0-9a-f]{16} {2}ci {2}read:Tag\n$/,
    );
    const removed = await runHere(['serve', '--data', 'service', '--remove-key', 'ci', '--json'], { cwd });
    expect(JSON.parse(removed.stdout)).toMatchObject({ removed: key.slice(4, 20) });
    await expect(served.client.exports.list('filesystem')).rejects.toMatchObject({ code: 'authentication-failed' });
    await end(served);
  }, 60_000);

  it.each([
    [['--port', '99999'], 2, 'no port'],
    [['--store', 'main'], 2, 'needs a name'],
    [['--bucket', 'ftp=x'], 2, 'not right'],
    [['--grant', 'read:*'], 2, '--add-key'],
    [['--add-key', 'x', '--grant', 'write:*'], 2, 'no right'],
    [['--add-key', 'x', '--list-keys'], 2, 'exclude each other'],
    [['--remove-key', 'x'], 1, 'no API key'],
  ])('refuses %j', async (args, code, text) => {
    const ended = await runHere(['serve', '--data', join(cwd, 'service'), ...args], { cwd });
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(text) });
  });
});
