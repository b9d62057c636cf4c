import { join } from 'node:path';
import { elastic } from '@vecport/adapter-elastic';
import { createHost } from '@vecport/core';
import { type Alternative, runScript, type Sample, type Script } from '../measure.js';
import { profileScripts } from '../profile-scripts.js';
import { VECPORT_SETTINGS } from '../providers/export-with-vecport.js';
import { groupCpuMs, runningServers } from '../providers/servers.js';
import type { ElasticImportTask } from './import-task.js';

const SERVER = 'elastic-9';
const TASK = join(import.meta.dirname, 'import-task.js');
const COLLECTION = 'vecportimport';
const POINTS = 20_000;

/** Dimensions the benchmark has. */
export const ELASTIC_IMPORTS: readonly number[] = [384, 1536];

/** Writing into an index of a running Elasticsearch 9, which is made anew for every run, the same for all. */
export async function openElasticImport(dimension: number) {
  const server = runningServers().find(({ name }) => name === SERVER);
  if (server === undefined) throw new Error(`'${SERVER}' does not run: npm run servers -- up ${SERVER}`);
  const { storeUrl, pid, version } = server;
  const node = storeUrl.replace('elastic:', 'http:');
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [elastic()] });
  const store = await host.catalog.open(storeUrl);
  const drop = async (): Promise<void> => {
    const names = (await store.collections()).map(({ name }) => name);
    if (names.includes(COLLECTION)) await store.drop(COLLECTION);
  };
  const prepared = async (kind: ElasticImportTask['kind']): Promise<Script> => {
    await drop();
    await store.create({
      name: COLLECTION,
      idKinds: ['uuid'],
      vectors: {
        default: { kind: 'dense', dimension, elementType: 'float32', metric: 'cosine', index: { type: 'flat' } },
      },
    });
    const task: ElasticImportTask = { kind, storeUrl, node, collection: COLLECTION, points: POINTS, dimension };
    return { script: TASK, args: [JSON.stringify(task)], ...(kind === 'vecport' && VECPORT_SETTINGS) };
  };
  const measured = async (kind: ElasticImportTask['kind']): Promise<Sample> => {
    const script = await prepared(kind);
    const before = groupCpuMs(pid);
    const sample = JSON.parse(await runScript(script)) as Sample;
    if (sample.rows !== POINTS) throw new Error(`${kind} wrote ${sample.rows} of ${POINTS} points.`);
    return { ...sample, serverCpuMs: groupCpuMs(pid) - before };
  };
  const alternatives: readonly Alternative[] = [
    { name: 'Vecport: upsertMany', run: async () => measured('vecport') },
    { name: 'official client: helpers.bulk', run: async () => measured('bulk-helper') },
  ];
  // A server that has just been started compiles what it runs for the first time.
  for (const { run } of alternatives) await run(0);
  return {
    about:
      `Elasticsearch ${version}: writing ${POINTS.toLocaleString('en')} points of ${dimension} dimensions with about 300 bytes of metadata ` +
      'into an index that Vecport made, of one shard, with a flat index of the vectors, until all can be searched. ' +
      '*Vecport* writes as an import does, two batches of 4 MiB at a time, with refreshing off meanwhile; the official client writes lists of numbers with its defaults.',
    alternatives,
    profile: async () => profileScripts([{ label: 'main', ...(await prepared('vecport')) }], 12),
    close: async () => {
      await drop();
      await host.close();
    },
  };
}
