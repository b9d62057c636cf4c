import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdapterDefinition, batchFromRecords, type CollectionDescription } from '@vecport/abstractions';
import { adapter as elastic } from '@vecport/adapter-elastic';
import { adapter as lancedb } from '@vecport/adapter-lancedb';
import { adapter as milvus } from '@vecport/adapter-milvus';
import { adapter as pgvector } from '@vecport/adapter-pgvector';
import { adapter as weaviate } from '@vecport/adapter-weaviate';
import { createHost, type OpenStore, type VecportHost } from '@vecport/core';
import { createDigest, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import {
  adapterModule,
  eventually,
  randomPoints,
  removeTempFolders,
  serverUrl,
  tempFolder,
  testedServers,
} from '@vecport/testkit';
import { exportDataset, verifyDataset } from '@vecport/transfer';

const POINTS = 20_000;
const DIMENSION = 64;
const SERVERS = new Map<string, AdapterDefinition>([
  ['elastic-9', elastic],
  ['elastic-8', elastic],
  ['weaviate-1.39', weaviate],
  ['weaviate-1.35', weaviate],
  ['milvus-2.3', milvus],
  ['milvus-lite-3', milvus],
  ['milvus-lite-2.5', milvus],
  ['pgvector', pgvector],
]);

const tested = testedServers([...SERVERS.keys()]);
const places: readonly (readonly [string, AdapterDefinition, () => Promise<string>])[] = [
  ['lancedb', lancedb, async () => `lancedb:${await tempFolder()}`],
  ...[...SERVERS]
    .filter(([name]) => tested.includes(name))
    .map(([name, adapter]) => [name, adapter, async () => serverUrl(name)] as const),
];

afterAll(removeTempFolders);

describe.each(places)('%s', (_name, adapter, urlOf) => {
  let host: VecportHost;
  let store: OpenStore;

  beforeAll(async () => {
    host = await createHost({ discover: false, envFile: false, env: {}, modules: [adapterModule(adapter)] });
    store = await host.catalog.open(await urlOf());
  });

  afterAll(async () => host.close());

  it('gives back 20,000 points, as an export and once more to compare it with', async () => {
    const written = batchFromRecords(randomPoints(20_000, POINTS, DIMENSION));
    const digest = createDigest();
    digest.add(written);
    const description = descriptionFor(store);
    await store.create(description);
    try {
      const repository = await store.repository(description.name);
      expect(await repository.upsertMany(written)).toMatchObject({ accepted: POINTS, failed: [] });
      await eventually('all points are counted', async () => (await repository.count()) === POINTS, {
        timeout: 60_000,
      });

      const storage = localStorage(await tempFolder());
      const { manifest, warnings } = await exportDataset({
        id: description.name.toLowerCase(),
        tool: { name: 'export-every-provider', version: '0' },
        source: { provider: store.provider },
        repositories: [repository],
        storage,
      });
      expect(warnings).toEqual([]);
      expect(manifest.collections).toMatchObject([{ counts: { exported: POINTS }, digest: digest.value() }]);

      const dataset = await openDataset(storage);
      const report = await verifyDataset({ dataset, against: { [description.name]: repository } });
      expect(report.comparisons.flatMap(({ differences }) => differences)).toEqual([]);
      expect(report.ok).toBe(true);
    } finally {
      await store.drop(description.name);
    }
  }, 600_000);
});

/** A collection under a metric for which the provider keeps vectors as they were written. */
function descriptionFor({ provider, traits }: OpenStore): CollectionDescription {
  const metric = traits.metrics.find((name) => !traits.normalizes.includes(name)) ?? 'cosine';
  const number = `${process.pid}_${Date.now()}`;
  return {
    // Classes of Weaviate begin with a capital; indexes of Elasticsearch have none.
    name: provider === 'weaviate' ? `Export_${number}` : `export_${number}`,
    vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric } },
    idKinds: ['string'],
    fields: [
      { name: 'n', type: 'integer' },
      { name: 'group', type: 'string' },
      { name: 'weight', type: 'number' },
    ],
  };
}
