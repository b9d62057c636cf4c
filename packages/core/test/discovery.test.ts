import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { composeHost, createHost, discoverAdapters, formatBootReport } from '@vecport/core';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { fakeAdapter, moduleOf } from './fakes/fake-adapter.js';

const loads = globalThis as { vecportTestLoads?: string[] };
let root: string;

beforeEach(async () => {
  root = await tempFolder();
  loads.vecportTestLoads = [];
});
afterEach(async () => {
  await removeTempFolders();
  delete loads.vecportTestLoads;
});

const source = (name: string): string => `
globalThis.vecportTestLoads.push('${name}');
const describe = async () => ({ name: 'items', vectors: {}, idKinds: ['string'] });
export const adapter = {
  name: '${name}', version: '2.0.0', schemes: ['${name}'], settings: [],
  parseUrl: () => ({ settings: {}, collection: 'items' }),
  open: async () => ({
    collections: async () => [],
    collection: async () => ({ traits: {}, describe }),
    close: async () => {},
  }),
};`;

async function files(base: string, contents: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

function manifest(name: string, rest: object = {}): object {
  const exports = { '.': { types: './x.d.ts', import: './lib/main.js' } };
  return {
    name: `adapter-${name}`,
    version: '2.0.0',
    type: 'module',
    exports,
    vecport: { adapter: name, schemes: [name], env: [] },
    ...rest,
  };
}

// As pnpm lays packages out: the application sees links, and each package only its own dependencies.
async function installPnpm(name: string, json: object, code = source(name)): Promise<void> {
  const store = join(root, 'node_modules', '.pnpm', `adapter-${name}@2.0.0`, 'node_modules', `adapter-${name}`);
  await files(store, { 'package.json': json, 'lib/main.js': code });
  await mkdir(join(root, 'app', 'node_modules'), { recursive: true });
  await symlink(store, join(root, 'app', 'node_modules', `adapter-${name}`), 'dir');
}

async function application(...names: readonly string[]): Promise<string> {
  const dependencies = Object.fromEntries(names.map((name) => [`adapter-${name}`, '*']));
  await files(root, { 'app/package.json': { name: 'app', dependencies: { ...dependencies, missing: '*' } } });
  return join(root, 'app');
}

describe('discoverAdapters', () => {
  it('finds linked packages that export for import only, without importing them', async () => {
    await installPnpm('one', manifest('one'));
    await installPnpm('two', manifest('two', { exports: './lib/main.js' }));
    await installPnpm('undeclared', manifest('three'));
    const app = await application('one', 'two');
    const found = await discoverAdapters(app);
    expect(found.map(({ name, packageName, packageVersion }) => [name, packageName, packageVersion])).toEqual([
      ['one', 'adapter-one', '2.0.0'],
      ['two', 'adapter-two', '2.0.0'],
    ]);
    expect(loads.vecportTestLoads).toEqual([]);
    expect((await found[0]?.load())?.name).toBe('one');
    expect((await found[1]?.load())?.name).toBe('two');
    expect(loads.vecportTestLoads).toEqual(['one', 'two']);
  });

  it('imports the entry that has the adapter alone where a package exports one', async () => {
    const exports = { '.': { import: './lib/index.js' }, './adapter': { types: './x.d.ts', import: './lib/main.js' } };
    await installPnpm('alone', manifest('alone', { exports }));
    const [found] = await discoverAdapters(await application('alone'));
    expect((await found?.load())?.name).toBe('alone');
  });

  it('starts at the nearest package above a folder, and finds packages installed further up', async () => {
    const app = await application('hoisted');
    await files(root, {
      'node_modules/adapter-hoisted/package.json': manifest('hoisted', { exports: undefined, main: 'lib/main.js' }),
      'node_modules/adapter-hoisted/lib/main.js': source('hoisted'),
      'app/src/deep/file.js': '',
    });
    const [found] = await discoverAdapters(join(app, 'src', 'deep'));
    expect((await found?.load())?.version).toBe('2.0.0');
  });

  it('passes over dependencies that are no adapters', async () => {
    await installPnpm('plain', { name: 'adapter-plain' });
    expect(await discoverAdapters(await application('plain'))).toEqual([]);
  });

  it('lists a broken package with its problem beside the good ones', async () => {
    await installPnpm('json', '{ broken' as unknown as object);
    await installPnpm('field', manifest('field', { vecport: { adapter: 7 } }));
    await installPnpm('throws', manifest('throws'), 'throw new Error("native part missing");');
    await installPnpm('empty', manifest('empty'), 'export const other = 1;');
    await installPnpm('other', manifest('other'), source('renamed'));
    await installPnpm('good', manifest('good'));
    const found = await discoverAdapters(await application('json', 'field', 'throws', 'empty', 'other', 'good'));
    const outcomes = await Promise.all(
      found.map(async ({ packageName, load }) => [
        packageName,
        await load().then(
          ({ name }) => name,
          (error: unknown) => String(error),
        ),
      ]),
    );
    expect(Object.fromEntries(outcomes)).toEqual({
      'adapter-json': expect.stringMatching(/package.json is not valid JSON/),
      'adapter-field': expect.stringMatching(/"vecport" of its package.json is not valid/),
      'adapter-throws': expect.stringMatching(/cannot be imported: native part missing/),
      'adapter-empty': expect.stringMatching(/does not export an adapter/),
      'adapter-other': expect.stringMatching(/declares 'other' and exports 'renamed'/),
      'adapter-good': 'good',
    });
  });
});

describe('a host with discovered adapters', () => {
  it('opens their stores without a container too', async () => {
    await installPnpm('one', manifest('one'));
    const host = composeHost({ root: await application('one'), env: {}, envFile: false });
    expect(loads.vecportTestLoads).toEqual([]);
    expect((await host.catalog.open('one:x')).provider).toBe('one');
    await host.close();
    await expect(host.catalog.open('one:x')).rejects.toThrow(/closed/);
  });

  it('imports only the adapter that is asked for, and binds it then', async () => {
    await installPnpm('one', manifest('one'));
    await installPnpm('two', manifest('two'));
    const host = await createHost({ root: await application('one', 'two'), env: {}, envFile: false });
    expect(loads.vecportTestLoads).toEqual([]);
    expect((await host.catalog.known()).map(({ name }) => name)).toEqual(['one', 'two']);
    const store = await host.catalog.open('two:x');
    expect(store.provider).toBe('two');
    expect(loads.vecportTestLoads).toEqual(['two']);
    const bound = host.container.getAll<AdapterRegistration>(ADAPTER);
    expect(bound.map(({ adapter }) => adapter.name)).toEqual(['two']);
    expect(host.catalog.adapters()).toEqual(bound);
    await host.close();
  });

  it('prefers an adapter registered in code', async () => {
    await installPnpm('one', manifest('one'));
    const own = fakeAdapter({ name: 'one' });
    const host = await createHost({
      root: await application('one'),
      modules: [moduleOf(own)],
      env: {},
      envFile: false,
    });
    await (await host.catalog.open('one')).collections();
    expect(own.opened).toHaveLength(1);
    expect(loads.vecportTestLoads).toEqual([]);
    expect((await host.report()).adapters.map(({ name, source: from }) => [name, from])).toEqual([['one', 'module']]);
    await host.close();
  });

  it('reports a broken package and works with the others', async () => {
    await installPnpm('bad', manifest('bad'), 'export {};');
    await installPnpm('good', manifest('good'));
    const host = await createHost({ root: await application('bad', 'good'), env: {}, envFile: false });
    const report = await host.report();
    expect(report.adapters.map(({ name, state }) => [name, state])).toEqual([
      ['bad', 'failed'],
      ['good', 'ready'],
    ]);
    expect(report.defaultStore).toBe('good');
    expect(formatBootReport(report)).toMatch(
      /bad: failed \(discovered in adapter-bad\)\n {2}The package adapter-bad cannot/,
    );
    await host.close();
  });
});
