import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { QdrantClient } from '@qdrant/js-client-rest';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { adapter, qdrant } from '@vecport/adapter-qdrant';
import { startFakeQdrant } from '@vecport/testkit';
import { Container } from 'inversify';
import { smallDescription, TRANSPORTS, withFake, withStore } from './support/open-fake.js';

describe.each(TRANSPORTS)('opening over %s', (transport) => {
  it('asks the version, and reports a server that is not there at once', async () => {
    const settings = await withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        expect(store.version).toBe('1.18.3');
        return { url: fake.httpUrl, grpcPort: String(fake.grpcPort), transport };
      }),
    );
    await expect(adapter.open(settings, {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a missing or wrong key is unauthorized, the right one opens', async () => {
    const fake = await startFakeQdrant({ apiKey: 'right' });
    try {
      const settings = { url: fake.httpUrl, grpcPort: String(fake.grpcPort), transport };
      await expect(adapter.open(settings, {})).rejects.toMatchObject({ code: 'unauthorized' });
      await expect(adapter.open({ ...settings, apiKey: 'wrong' }, {})).rejects.toMatchObject({ code: 'unauthorized' });
      const store = await adapter.open({ ...settings, apiKey: 'right' }, {});
      expect(await store.collections({})).toEqual([]);
      await store.create(smallDescription('a'), {});
      expect(await (await store.collection('a', {})).count(undefined, {})).toBe(0);
      await store.close();
    } finally {
      await fake.close();
    }
  });

  it('an aborted signal is thrown as it is', async () => {
    const reason = new Error('never mind');
    const opening = adapter.open({ url: 'http://127.0.0.1:1', transport }, { signal: AbortSignal.abort(reason) });
    await expect(opening).rejects.toBe(reason);
  });
});

describe('opening', () => {
  it('a gRPC port where nothing listens is unavailable, also where REST answers', async () => {
    await withFake(async ({ httpUrl }) => {
      await expect(adapter.open({ url: httpUrl, grpcPort: '1' }, {})).rejects.toMatchObject({ code: 'unavailable' });
    });
  });

  it('a server that is not Qdrant is told from one', async () => {
    const server = createServer((_, answer) => answer.end('{"hello":"world"}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const opening = adapter.open({ url: `http://127.0.0.1:${port}`, transport: 'http' }, {});
      await expect(opening).rejects.toMatchObject({
        code: 'corrupt-data',
        message: expect.stringContaining('not Qdrant'),
      });
    } finally {
      server.close();
    }
  });

  it('uses an injected client for control calls and does not close it', async () => {
    await withFake(async (fake) => {
      const client = new QdrantClient({ url: fake.httpUrl, checkCompatibility: false });
      const store = await adapter.open({ url: fake.httpUrl, grpcPort: String(fake.grpcPort) }, { client });
      await store.create(smallDescription('made'), {});
      await store.close();
      expect((await client.getCollections()).collections).toEqual([{ name: 'made' }]);
    });
  });

  it('registers itself in a container, with what was said in code', () => {
    const container = new Container();
    container.load(qdrant({ url: 'http://host', grpcPort: 7001, transport: 'http' }));
    const registration = container.get<AdapterRegistration>(ADAPTER);
    expect(registration.adapter).toBe(adapter);
    expect(registration.settings).toMatchObject({ url: 'http://host', grpcPort: '7001', transport: 'http' });
  });
});
