import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { StoreDriver } from '@vecport/abstractions';
import { createHost, type VecportHost } from '@vecport/core';
import { eventually, removeTempFolders, tempFolder } from '@vecport/testkit';
import { fakeAdapter, moduleOf } from './fakes/fake-adapter.js';
import { fakeDriver, fakeStore } from './fakes/fake-driver.js';
import { isolatedHost } from './fakes/isolated.js';

afterEach(removeTempFolders);

/** An application with a fake adapter in code and an installed one whose import never ends. */
async function withEndlessImport(store?: string): Promise<VecportHost> {
  const root = await tempFolder();
  const installed = join(root, 'node_modules', 'endless');
  await mkdir(installed, { recursive: true });
  const vecport = { adapter: 'endless', schemes: ['endless'] };
  await writeFile(join(root, 'package.json'), JSON.stringify({ name: 'app', dependencies: { endless: '*' } }));
  await writeFile(
    join(installed, 'package.json'),
    JSON.stringify({ name: 'endless', version: '1.0.0', type: 'module', exports: './index.js', vecport }),
  );
  await writeFile(join(installed, 'index.js'), 'await new Promise(() => {});');
  const modules = store === undefined ? [] : [moduleOf(fakeAdapter())];
  return createHost({ root, env: {}, envFile: false, modules, store });
}

describe('a package whose import never ends', () => {
  it('does not hold up the boot report', async () => {
    const host = await withEndlessImport('fake');
    const { adapters, defaultStore } = await host.report({ timeoutMs: 50 });
    expect(defaultStore).toBe('fake');
    expect(adapters).toMatchObject([
      { name: 'fake', state: 'ready' },
      { name: 'endless', state: 'unreachable', reason: 'No answer within 0.05 s.' },
    ]);
    await host.close();
  });

  it('does not hold it up either when it might be the default', async () => {
    const host = await withEndlessImport();
    const report = await host.report({ timeoutMs: 50 });
    expect(report).toMatchObject({ problem: 'No answer within 0.05 s.', adapters: [{ state: 'unreachable' }] });
    await host.close();
  });

  it('can be given up', async () => {
    const host = await withEndlessImport('endless');
    const controller = new AbortController();
    const report = host.report({ timeoutMs: 60_000, signal: controller.signal });
    const opening = host.catalog.open(undefined, { signal: controller.signal });
    controller.abort('enough');
    const outcomes = await Promise.allSettled([report, opening]);
    expect(outcomes).toEqual(Array.from({ length: 2 }, () => ({ status: 'rejected', reason: 'enough' })));
    await host.close();
  });
});

describe('an adapter that does not open and ignores its signal', () => {
  it('is given up when the caller gives up, and closed should it open later', async () => {
    const { promise, resolve } = Promise.withResolvers<StoreDriver>();
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({ open: async () => promise }))] });
    const controller = new AbortController();
    const opening = host.catalog.open('fake', { signal: controller.signal });
    controller.abort('enough');
    await expect(opening).rejects.toBe('enough');
    const store = fakeStore({ items: fakeDriver() });
    resolve(store);
    await eventually('the late store is closed', () => store.closed() === 1);
    await host.close();
  });

  it('is given up when the host is closed', async () => {
    const never = async (): Promise<StoreDriver> => new Promise(() => {});
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({ open: never }))] });
    const opening = host.catalog.open('fake');
    await host.close();
    await expect(opening).rejects.toThrow(/is closed/);
  });
});
