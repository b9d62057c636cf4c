import { describe, expect, it } from '@jest/globals';
import { type AdapterDefinition, type CollectionDriver, type StoreDriver, VecportError } from '@vecport/abstractions';
import { type BootReport, formatBootReport, type HostOptions } from '@vecport/core';
import { fakeAdapter, moduleOf } from './fakes/fake-adapter.js';
import { type FakeStore, fakeDriver, fakeStore, limitedDriver, traits } from './fakes/fake-driver.js';
import { isolatedHost } from './fakes/isolated.js';

const never = async <T>(): Promise<T> => new Promise(() => {});

async function reportOf(
  adapters: readonly AdapterDefinition[],
  options: HostOptions & { readonly timeoutMs?: number } = {},
): Promise<BootReport> {
  const { timeoutMs, ...rest } = options;
  const host = await isolatedHost({ modules: adapters.map((adapter) => moduleOf(adapter)), ...rest });
  try {
    return await host.report({ timeoutMs });
  } finally {
    await host.close();
  }
}

function failing(name: string, error: Error): AdapterDefinition {
  return fakeAdapter({ name, open: async () => Promise.reject(error) });
}

describe('the boot report', () => {
  it('tells of a store all it knows', async () => {
    const report = await reportOf([fakeAdapter()], { env: { FAKE_PATH: '/srv' } });
    expect(report).toEqual({
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      defaultStore: 'fake',
      adapters: [
        {
          name: 'fake',
          version: '0.9.0',
          source: 'module',
          schemes: ['fake'],
          state: 'ready',
          serverVersion: '1.2.3',
          settings: [{ name: 'path', value: '/srv', source: 'environment FAKE_PATH' }],
          collections: [
            {
              name: 'items',
              points: 7,
              vectors: [{ name: 'default', kind: 'dense', dimension: 2, metric: 'cosine' }],
              capabilities: [
                { capability: 'exportAll', state: 'present' },
                { capability: 'slices', state: 'present' },
              ],
              traits,
            },
          ],
          capabilities: [
            { capability: 'exportAll', state: 'present' },
            { capability: 'slices', state: 'present' },
          ],
        },
      ],
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(
      JSON.parse(JSON.stringify(report, (_key, value: unknown) => value)),
    );
  });

  it('says why something is missing, and which adapters can do it', async () => {
    const limited = fakeAdapter({ name: 'limited' }, () => fakeStore({ items: limitedDriver() }));
    const report = await reportOf([limited, fakeAdapter()]);
    expect(report.adapters[0]?.capabilities[0]).toEqual({
      capability: 'exportAll',
      state: 'absent',
      reason: 'It has no way to read vectors back.',
      alternatives: ['fake'],
    });
    expect(formatBootReport(report, { width: 200 })).toContain(
      'no. It has no way to read vectors back. Adapters that can: fake.',
    );
  });

  it('gives up a server that never answers and reports the others', async () => {
    const silent = fakeAdapter({ name: 'silent', open: never });
    const report = await reportOf([silent, fakeAdapter()], { timeoutMs: 20 });
    expect(report.adapters.map(({ name, state }) => [name, state])).toEqual([
      ['silent', 'unreachable'],
      ['fake', 'ready'],
    ]);
    expect(report.adapters[0]).toMatchObject({
      reason: 'No answer within 0.02 s.',
      version: '0.9.0',
      settings: [{ name: 'path', value: './fake', source: 'default' }],
      capabilities: [
        { capability: 'exportAll', state: 'unknown', reason: 'unreachable', alternatives: ['fake'] },
        { capability: 'slices', state: 'unknown', reason: 'unreachable', alternatives: ['fake'] },
      ],
    });
    expect(formatBootReport(report)).toContain('unknown: unreachable. Adapters that can: fake.');
  });

  it('closes a store that opens too late', async () => {
    const late = Promise.withResolvers<StoreDriver>();
    const closed = Promise.withResolvers<void>();
    const signals: (AbortSignal | undefined)[] = [];
    const adapter = fakeAdapter({
      open: async (_settings, { signal }) => {
        signals.push(signal);
        return late.promise;
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    expect((await host.report({ timeoutMs: 10 })).adapters[0]?.state).toBe('unreachable');
    expect(signals[0]?.aborted).toBe(true);
    late.resolve(fakeStore({}, { close: async () => closed.resolve() }));
    await closed.promise;
    await host.close();
  });

  it('reports a collection that does not answer, beside the others', async () => {
    const slow: CollectionDriver = fakeDriver({ count: never });
    const broken: CollectionDriver = fakeDriver({ describe: async () => Promise.reject(new Error('bad block')) });
    const store = fakeStore({ good: fakeDriver(), slow, broken });
    const [adapter] = (await reportOf([fakeAdapter({}, () => store)], { timeoutMs: 20 })).adapters;
    expect(adapter?.state).toBe('ready');
    expect(adapter?.collections.map(({ name, points, problem }) => [name, points, problem])).toEqual([
      ['good', 7, undefined],
      ['slow', undefined, 'No answer within 0.02 s.'],
      ['broken', undefined, 'bad block.'],
    ]);
    expect(store.closed()).toBe(1);
  });

  it('keeps what a store told when it does not close in time', async () => {
    const host = await isolatedHost({
      modules: [moduleOf(fakeAdapter({}, () => fakeStore({ items: fakeDriver() }, { close: never })))],
    });
    expect((await host.report({ timeoutMs: 20 })).adapters[0]).toMatchObject({
      state: 'ready',
      collections: [{ points: 7 }],
    });
    await host.close();
  });

  it.each([
    ['unavailable', 'unreachable'],
    ['timeout', 'unreachable'],
    ['unauthorized', 'misconfigured'],
    ['invalid-argument', 'misconfigured'],
    ['provider-error', 'failed'],
  ] as const)('says of the error %s that the adapter is %s', async (code, state) => {
    const report = await reportOf([failing('a', new VecportError(code, 'What happened.', { advice: 'Do that.' }))]);
    expect(report.adapters[0]).toMatchObject({ state, reason: 'What happened. Do that.' });
  });

  it('names the variable of a missing setting', async () => {
    const strict = fakeAdapter({
      settings: [{ name: 'url', description: 'Where.', env: ['FAKE_URL'], required: true }],
    });
    const report = await reportOf([strict]);
    expect(report).toMatchObject({ problem: expect.stringContaining('No store is configured') });
    expect(report.adapters[0]).toMatchObject({
      state: 'misconfigured',
      reason: expect.stringContaining('FAKE_URL'),
      settings: [{ name: 'url' }],
    });
  });

  it('asks the default store where its URL says', async () => {
    const adapter = fakeAdapter();
    const report = await reportOf([adapter], { store: 'fake:./other#items' });
    expect(adapter.opened).toEqual([{ path: './other' }]);
    expect(report).toMatchObject({
      defaultStore: 'fake:./other#items',
      adapters: [{ settings: [{ name: 'path', value: './other', source: 'url' }] }],
    });
  });

  it('says that nothing is known of an empty store', async () => {
    const report = await reportOf([fakeAdapter({}, () => fakeStore({}))]);
    expect(report.adapters[0]?.capabilities[0]).toMatchObject({
      state: 'unknown',
      reason: 'there is no collection yet',
    });
  });

  it('rejects with the reason when it is aborted', async () => {
    const controller = new AbortController();
    const stores: FakeStore[] = [];
    const adapter = fakeAdapter({
      open: async () => {
        const store = fakeStore({ items: fakeDriver({ count: never }) });
        stores.push(store);
        queueMicrotask(() => controller.abort('bye'));
        return store;
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    await expect(host.report({ signal: controller.signal })).rejects.toBe('bye');
    await host.close();
    expect(stores.map((store) => store.closed())).toEqual([1]);
  });

  it('shows no secret, in whatever form it is printed', async () => {
    const settings = [
      { name: 'url', description: 'Where.', env: ['FAKE_URL'] },
      { name: 'apiKey', description: 'Who.', env: ['FAKE_KEY'], secret: true },
    ];
    const env = { FAKE_URL: 'https://user:p%40ssword@host/?api_key=qu3ry', FAKE_KEY: 'k3y-value' };
    const chatty = fakeAdapter({
      settings,
      open: async (values) => Promise.reject(new Error(`${values['url']} ${values['apiKey']} p@ssword`)),
    });
    const fine = fakeAdapter({ name: 'fine', settings, parseUrl: () => ({ settings: {} }) });
    const report = await reportOf([chatty, fine], { env, store: 'fine://me:s3cret@host/x?token=t0k3n' });
    for (const text of [JSON.stringify(report), formatBootReport(report)]) {
      expect(text).not.toMatch(/p%40ssword|p@ssword|qu3ry|k3y-value|s3cret|t0k3n/);
      expect(text).toContain('***');
    }
    expect(report.adapters[1]?.settings).toEqual([
      { name: 'url', value: 'https://user:***@host/?api_key=***', source: 'environment FAKE_URL' },
      { name: 'apiKey', value: '***', source: 'environment FAKE_KEY' },
    ]);
  });
});

describe('formatBootReport', () => {
  it('aligns, wraps and groups', async () => {
    const odd = fakeDriver({ traits: { ...traits, order: 'none' } });
    const store = fakeStore({ items: fakeDriver(), 'long-name': odd, third: limitedDriver() });
    const report = await reportOf([fakeAdapter({}, () => store)]);
    expect(
      formatBootReport({ ...report, createdAt: '2025-01-02T03:04:05.678Z' })
        .split('\n')
        .slice(0, 22),
    ).toEqual([
      'Vecport boot report, 2025-01-02T03:04:05.678Z',
      'Default store: fake',
      '',
      'fake 0.9.0: ready (from code, server 1.2.3)',
      '  settings',
      '    path  ./fake  default',
      '  collections',
      '    items      7 points  default dense 2 cosine',
      '    long-name  7 points  default dense 2 cosine',
      '    third      7 points  default dense 2 cosine',
      '  capabilities',
      '    exportAll of items      yes',
      '    exportAll of long-name  yes',
      '    exportAll of third      no. It has no way to read vectors back.',
      '    slices of items         yes',
      '    slices of long-name     yes',
      '    slices of third         no. The adapter does not say why.',
      '  traits of items, third',
      '    reads                snapshot, order: storage',
      '    ids                  string; at most 16 bytes',
      '    vectors              dense of float32; at most 8 dimensions',
      '    metrics              cosine',
    ]);
  });

  it('keeps to the width of the terminal and lets nothing through that it would obey', async () => {
    const nasty = fakeAdapter({ name: 'nasty' }, () => fakeStore({ '\u001b[31mred': limitedDriver() }));
    const report = await reportOf([nasty, failing('down', new VecportError('unavailable', 'No route. '.repeat(20)))]);
    const text = formatBootReport(report, { width: 60 });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('says that nothing is installed', async () => {
    expect(formatBootReport(await reportOf([]))).toMatch(
      /Default store: none\. No store is configured.*No adapter is installed\.$/s,
    );
  });
});
