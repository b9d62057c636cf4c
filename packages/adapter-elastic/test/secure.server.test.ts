import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type Settings, type StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-elastic';
import { serverUrl, testedServers } from '@vecport/testkit';
import { exported } from './support/real-server.js';

const NAME = `secured-${process.pid}`;
const PATHS = { read: `${NAME}-read`, nothing: `${NAME}-nothing` };

for (const name of testedServers(['elastic-9-secure'] as const)) {
  describe(`a server with passwords, keys and TLS: ${name}`, () => {
    const { settings } = adapter.parseUrl(serverUrl(name));
    let ca: X509Certificate;
    let store: StoreDriver;

    beforeAll(async () => {
      ca = await authorityOf(settings['url'] ?? '');
      store = await adapter.open({ ...settings, ca: ca.toString() }, {});
      await store.create(
        {
          name: NAME,
          vectors: { default: { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'cosine' } },
          idKinds: ['string'],
        },
        {},
      );
      const records = ['a', 'b', 'c', 'd'].map((id, n) => ({
        id,
        embedding: Float32Array.of(n + 1, 0.1, 0.7),
        metadataText: n === 3 ? undefined : `{"n":${n}.0,"":"kept apart"}`,
      }));
      await (await store.collection(NAME, {})).upsertMany(batchFromRecords(records), {});
    });
    afterAll(async () => {
      await store.drop(NAME, {});
      await store.close();
    });

    const keyFor = async (role: string, privileges: readonly string[]): Promise<string> => {
      const elastic = await import('@elastic/elasticsearch');
      const client = new elastic.Client({
        node: settings['url'] ?? '',
        auth: { username: settings['username'] ?? '', password: settings['password'] ?? '' },
        tls: { ca: ca.toString() },
      });
      try {
        const { encoded } = await client.security.createApiKey({
          name: role,
          expiration: '1h',
          role_descriptors: { [role]: { indices: [{ names: [NAME], privileges: [...privileges] }] } },
        });
        return encoded;
      } finally {
        await client.close();
      }
    };
    const openWith = async (change: Settings): Promise<StoreDriver> =>
      adapter.open({ url: settings['url'], fingerprint: ca.fingerprint256, ...change }, {});

    it('is trusted by its authority, or by the fingerprint of it, and not otherwise', async () => {
      const { username, password } = settings;
      const byFingerprint = await openWith({ username, password });
      expect(byFingerprint.version).toMatch(/^9\./);
      await byFingerprint.close();
      const wrong = ca.fingerprint256.replace(/^../, (two) => (two === '00' ? '11' : '00'));
      for (const change of [{ fingerprint: wrong }, { fingerprint: undefined }]) {
        await expect(openWith({ username, password, ...change })).rejects.toMatchObject({
          code: 'unauthorized',
          message: expect.stringMatching(/certificate|fingerprint/) as unknown,
        });
      }
    });

    it('refuses no credentials and wrong ones at once', async () => {
      for (const change of [{}, { apiKey: 'bm8gc3VjaDprZXk=' }, { username: 'nobody', password: 'wrong' }])
        await expect(openWith(change)).rejects.toMatchObject({ code: 'unauthorized' });
    });

    it('is read whole with a key that may read and nothing else, and says what it could not describe', async () => {
      const reader = await openWith({ apiKey: await keyFor(PATHS.read, ['read']) });
      try {
        const all = await exported(store, NAME);
        expect(await exported(reader, NAME)).toEqual(all.map((point) => ({ ...point })));
        const collection = await reader.collection(NAME, {});
        expect(await collection.count(undefined, {})).toBe(4);
        expect((await collection.get(['c', 'a', 'x'], {})).ids).toEqual(['c', 'a']);
        const description = await collection.describe({});
        expect(description.vectors).toEqual({ default: { kind: 'dense', dimension: 3, elementType: 'float32' } });
        expect(description.notDescribed).toEqual(expect.arrayContaining(['mapping', 'index settings']));
        expect((await reader.collections({})).map((info) => info.name)).toEqual([NAME]);
        const report = collection.upsertMany(batchFromRecords([{ id: 'x', embedding: Float32Array.of(1, 2, 3) }]), {});
        await expect(report).rejects.toMatchObject({ code: 'forbidden' });
        await expect(collection.search({ vector: Float32Array.of(1, 2, 3), topK: 1 }, {})).rejects.toMatchObject({
          code: 'not-supported',
          message: expect.stringContaining('view_index_metadata') as unknown,
        });
      } finally {
        await reader.close();
      }
    });

    it('is read and described with a key that may look as well', async () => {
      const reader = await openWith({ apiKey: await keyFor(PATHS.read, ['read', 'view_index_metadata']) });
      try {
        const description = await (await reader.collection(NAME, {})).describe({});
        expect(description).toEqual(await (await store.collection(NAME, {})).describe({}));
        expect(await exported(reader, NAME)).toEqual(await exported(store, NAME));
      } finally {
        await reader.close();
      }
    });

    it('says forbidden to a key that may do nothing with an index', async () => {
      const nobody = await openWith({ apiKey: await keyFor(PATHS.nothing, ['monitor']) });
      try {
        await expect(nobody.collection(NAME, {})).rejects.toMatchObject({ code: 'forbidden' });
        await expect(nobody.drop(NAME, {})).rejects.toMatchObject({ code: 'forbidden' });
      } finally {
        await nobody.close();
      }
    });
  });
}

for (const name of testedServers(['elastic-9', 'elastic-8'] as const)) {
  describe(`a server without TLS: ${name}`, () => {
    it('is refused with a clear word when TLS is asked for', async () => {
      const { settings } = adapter.parseUrl(serverUrl(name).replace('elastic:', 'elastic+https:'));
      await expect(adapter.open(settings, {})).rejects.toMatchObject({
        code: 'unavailable',
        advice: expect.stringContaining('http://'),
      });
    });
  });
}

/** The last certificate of the chain a server shows. */
async function authorityOf(url: string): Promise<X509Certificate> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      let certificate = socket.getPeerX509Certificate();
      while (certificate?.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate)
        certificate = certificate.issuerCertificate;
      socket.destroy();
      if (certificate === undefined) reject(new Error('The server has no certificate.'));
      else resolve(certificate);
    });
    socket.on('error', reject);
  });
}
