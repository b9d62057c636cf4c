import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dataset, openForeignDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { eventually, removeTempFolders, serverUrl, testedServers } from '@vecport/testkit';
import { importDataset } from '@vecport/transfer';
import { closePlaces, openPlaces, type Place, placeNames } from './support/every-provider.js';

const SERVER = 'weaviate-1.39';
const run = `${Date.now()}`;
const CLASS = `VecportOwnExport${run}`;
const DIVIDED = `VecportOwnTenants${run}`;
const POINTS = 300;

afterAll(removeTempFolders);

const KEPT = fileURLToPath(new URL('../../dataset/test/layouts/files/weaviate', import.meta.url));

describe("Weaviate's own export, made earlier", () => {
  it('imports into Qdrant and Elasticsearch, and what is read back is equal', async () => {
    const dataset = await openForeignDataset(localStorage(KEPT), { layout: 'weaviate', metric: 'euclidean' });
    const places = await openPlaces(placeNames(['qdrant', 'elastic-9']));
    try {
      for (const { store, name, collectionName } of places) {
        const as = collectionName('kept');
        const request = { dataset, collection: 'Article', as, target: store, mode: 'create', verify: true } as const;
        const report = await importDataset(request);
        expect([name, report.collections[0]]).toEqual([
          name,
          expect.objectContaining({ accepted: 4, comparison: expect.objectContaining({ equal: true }) }),
        ]);
        await store.drop(as);
      }
    } finally {
      await closePlaces(places);
    }
  });
});

/** Weaviate's export writes into a folder of the machine it runs on, which is this one. */
for (const server of testedServers([SERVER]))
  describe(`An export that ${server} makes now`, () => {
    const base = serverUrl(server)
      .replace(/^weaviate:/, 'http:')
      .replace(/\?.*$/, '')
      .replace(/\/$/, '');
    let places: readonly Place[] = [];
    let dataset: Dataset;

    beforeAll(async () => {
      await createClasses();
      const path = await exportNow();
      dataset = await openForeignDataset(localStorage(path), { layout: 'weaviate', metric: 'euclidean' });
      places = await openPlaces(placeNames(['qdrant', 'elastic-9', 'lancedb']));
    });

    afterAll(async () => {
      await closePlaces(places);
      for (const name of [CLASS, DIVIDED]) await call('DELETE', `schema/${name}`);
    });

    it('has every object, shard and tenant', () => {
      expect(dataset.collection(CLASS)).toMatchObject({
        counts: { exported: POINTS },
        description: {
          idKinds: ['uuid'],
          vectors: { title: { kind: 'dense', dimension: 4 }, body: { kind: 'dense', dimension: 3 } },
        },
      });
      expect(dataset.collection(CLASS).parts.length).toBeGreaterThan(1);
      expect(
        dataset
          .collection(DIVIDED)
          .tenants?.map(({ name, counts }) => [name, counts.exported])
          .sort(),
      ).toEqual([
        ['Bob', 1],
        ['alice', 2],
      ]);
    });

    it('imports into Qdrant, Elasticsearch and LanceDB, and what is read back is equal', async () => {
      for (const { store, name, collectionName } of places) {
        const as = collectionName('own');
        const report = await importDataset({
          dataset,
          collection: CLASS,
          as,
          target: store,
          mode: 'create',
          verify: true,
        });
        expect([name, report.collections[0]]).toEqual([
          name,
          expect.objectContaining({
            accepted: POINTS,
            refused: 0,
            comparison: expect.objectContaining({ equal: true }),
          }),
        ]);
        await store.drop(as);
      }
    });

    async function call(method: string, path: string, body?: unknown): Promise<unknown> {
      const response = await fetch(`${base}/v1/${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    }

    async function createClasses(): Promise<void> {
      const vector = (distance: string) => ({
        vectorizer: { none: {} },
        vectorIndexType: 'hnsw',
        vectorIndexConfig: { distance },
      });
      await call('POST', 'schema', {
        class: CLASS,
        shardingConfig: { desiredCount: 2 },
        vectorConfig: { title: vector('l2-squared'), body: vector('l2-squared') },
        properties: [
          { name: 'n', dataType: ['int'] },
          { name: 'when', dataType: ['date'] },
          { name: 'text', dataType: ['text'] },
        ],
      });
      await call('POST', 'schema', { class: DIVIDED, vectorizer: 'none', multiTenancyConfig: { enabled: true } });
      await call('POST', `schema/${DIVIDED}/tenants`, [{ name: 'alice' }, { name: 'Bob' }]);
      const objects = Array.from({ length: POINTS }, (_, i) => ({
        class: CLASS,
        id: uuid(i),
        vectors: {
          ...(i % 5 === 4 ? {} : { title: [i + 1, 0.1 * i, -0.5, 1e-7] }),
          ...(i % 7 === 6 ? {} : { body: [i / 3 + 1, 1, 2] }),
        },
        properties: { n: 2 ** 52 + i, when: '2024-02-29T12:00:00.123456789+02:00', text: `t ${i} ü "x"` },
      }));
      const divided = [uuid(1), uuid(2)].map((id) => ({
        class: DIVIDED,
        tenant: 'alice',
        id,
        vector: [1, 2],
        properties: {},
      }));
      const bob = { class: DIVIDED, tenant: 'Bob', id: uuid(1), vector: [3, 4], properties: {} };
      await call('POST', 'batch/objects', { objects: [...objects, ...divided, bob] });
    }

    async function exportNow(): Promise<string> {
      const id = `vecport-${run}`;
      const wanted = { id, include: [CLASS, DIVIDED], file_format: 'parquet' };
      const { path } = (await call('POST', 'export/filesystem', wanted)) as { readonly path: string };
      await eventually(
        'the export of Weaviate is complete',
        async () =>
          ((await call('GET', `export/filesystem/${id}`)) as { readonly status: string }).status === 'SUCCESS',
        { timeout: 60_000 },
      );
      await eventually(
        'its summary is written',
        async () => (await readFile(join(path, 'export_metadata.json'), 'utf8').catch(() => '')).includes('"SUCCESS"'),
        { timeout: 60_000 },
      );
      return path;
    }
  });

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}
