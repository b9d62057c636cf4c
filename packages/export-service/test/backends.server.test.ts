import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { type Dataset, openDataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { removeTempFolders, serverAccess, serverUrl, testedServers } from '@vecport/testkit';
import { type BucketOptions, bucketBackend } from '../src/index.js';
import {
  type Answer,
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

type Variables = Readonly<Record<string, string>>;

/** A backend and the server that plays it. */
interface Played {
  readonly server: 's3' | 'r2' | 'gcs' | 'azure';
  readonly backend: BucketOptions['name'];
  /** What the server says of itself, as the backend's variables. */
  readonly variables: (access: Variables) => Variables;
  /** Credentials that look right and are not. */
  readonly wrong: Variables;
}

const asTheyAre = (access: Variables): Variables => access;
const WRONG_KEY = 'x'.repeat(40);

const PLAYED: readonly Played[] = [
  { server: 's3', backend: 's3', variables: asTheyAre, wrong: { AWS_SECRET_ACCESS_KEY: WRONG_KEY } },
  { server: 'r2', backend: 'r2', variables: asTheyAre, wrong: { R2_SECRET_ACCESS_KEY: WRONG_KEY } },
  {
    server: 'azure',
    backend: 'azure',
    variables: asTheyAre,
    wrong: { AZURE_STORAGE_KEY: Buffer.alloc(64, 1).toString('base64') },
  },
  // The emulator asks for no credentials; a key file that is not there is asked for before it is.
  {
    server: 'gcs',
    backend: 'gcs',
    variables: asTheyAre,
    wrong: { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json' },
  },
  // The protocol of S3 under names of its own.
  {
    server: 's3',
    backend: 'supabase',
    variables: (access) => ({
      SUPABASE_S3_ACCESS_KEY_ID: access['AWS_ACCESS_KEY_ID'] ?? '',
      SUPABASE_S3_SECRET_ACCESS_KEY: access['AWS_SECRET_ACCESS_KEY'] ?? '',
    }),
    wrong: { SUPABASE_S3_SECRET_ACCESS_KEY: WRONG_KEY },
  },
];

/** A service over one backend. */
interface Started extends RunningService {
  readonly stores: MemoryStores;
  readonly bucket: string;
  readonly path: string;
  storage(id: string): Promise<Storage>;
  begin(id: string, config?: Variables): Promise<Answer>;
}

const POINTS = 250;
const PATH = `service-${randomUUID()}`;
const tested: readonly string[] = testedServers(['s3', 'r2', 'gcs', 'azure']);

afterAll(removeTempFolders);

describe.each(PLAYED.filter(({ server }) => tested.includes(server)))(
  'the backend $backend, played by $server',
  (played) => {
    const running: RunningService[] = [];

    afterEach(async () => {
      for (const service of running.splice(0)) await service.close();
    });

    const start = async (
      change: { readonly bucket?: string; readonly variables?: Variables } = {},
    ): Promise<Started> => {
      const url = new URL(serverUrl(played.server).replace(/^\w+:/, 'http:'));
      const bucket = change.bucket ?? url.host;
      const environment = { ...played.variables(serverAccess(played.server)), ...change.variables };
      const settings = { ...Object.fromEntries(url.searchParams), retries: '1' };
      const backend = bucketBackend({ name: played.backend, buckets: [bucket], settings, environment });
      const stores = await memoryStores({ Article: POINTS, Product: 3 });
      const service = await startService({ stores: stores.set, backends: [backend] });
      running.push(service);
      const path = `${PATH}/${played.backend}`;
      const begin: Started['begin'] = async (id, config) =>
        request(`${service.url}/v1/export/${played.backend}`, {
          method: 'POST',
          body: { id, include: ['Article'], config: { path, ...config } },
        });
      return { ...service, stores, bucket, path, begin, storage: async (id) => backend.open(bucket, `${path}/${id}`) };
    };

    it('is exported to, and imported from', async () => {
      const { stores, bucket, path, storage, begin, client } = await start();
      const { exports, imports } = client;
      const begun = await begin('whole');
      expect(begun).toMatchObject({ status: 200, json: { id: 'whole', backend: played.backend, status: 'STARTED' } });
      expect(await exports.wait(played.backend, 'whole')).toMatchObject({
        status: 'SUCCESS',
        path: expect.stringMatching(new RegExp(`^\\w+://${bucket}/${path}/whole/$`)),
        progress: { Article: { status: 'SUCCESS', objectsExported: POINTS } },
      });
      const dataset: Dataset = await openDataset(await storage('whole'));
      expect(dataset.manifest.collections).toMatchObject([{ name: 'Article', counts: { exported: POINTS } }]);
      const files = (await Array.fromAsync((await storage('whole')).list(''))).map(({ path }) => path);
      expect(files).toEqual(expect.arrayContaining(['Article.parquet', 'export_metadata.json']));

      await imports.start(played.backend, 'whole', { target: 'other', verify: true, config: { path } });
      expect(await imports.wait(played.backend, 'whole')).toMatchObject({
        status: 'SUCCESS',
        progress: { Article: { objectsImported: POINTS } },
      });
      const other = await stores.set.open('other');
      expect(await (await other.repository('Article')).count()).toBe(POINTS);
    });

    it('refuses credentials that are wrong, and says nothing of them', async () => {
      const { begin, client } = await start({ variables: played.wrong });
      const { status, json, text } = await begin('wrong');
      expect({ status, code: json['code'] }).toEqual({ status: 502, code: 'write-to-backend-failed' });
      expect(json['detail']).toMatch(/^write to backend failed: .*(credential|secret|key|sign)/is);
      for (const secret of Object.values(played.wrong)) expect(text).not.toContain(secret);
      expect(await client.exports.list(played.backend)).toEqual({ exports: [] });
    });

    it('has no bucket of this name', async () => {
      const { begin } = await start({ bucket: `absent-${randomUUID()}` });
      const { status, json } = await begin('absent');
      expect({ status, code: json['code'] }).toEqual({ status: 502, code: 'write-to-backend-failed' });
      expect(json['detail']).toMatch(/^write to backend failed: .*(bucket|container)/is);
    });

    it('is not asked for a bucket that is not allowed', async () => {
      const { begin } = await start();
      const { status, json } = await begin('foreign', { bucket: 'foreign' });
      expect({ status, code: json['code'] }).toEqual({ status: 403, code: 'authorization-failed' });
    });
  },
);
