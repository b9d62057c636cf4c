import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import type { AskCluster, ClusterStatus } from '../src/index.js';
import { memoryStores, type RunningService, startService } from './support/start-service.js';

const STATUS: ClusterStatus = {
  cluster: 'redis://localhost:6379',
  at: '2026-03-27T12:00:00.000Z',
  workers: [
    {
      name: 'one',
      host: 'here',
      startedAt: '2026-03-27T11:00:00.000Z',
      concurrency: 2,
      draining: false,
      active: ['run 0 1'],
      turns: 3,
      points: 400,
      bytes: 5000,
      failures: 0,
      pointsPerSecond: 10.5,
    },
  ],
  queues: { slices: { waiting: 1, active: 1 } },
  runs: [
    {
      run: 'run',
      kind: 'export',
      state: 'running',
      from: 'lancedb:/data',
      to: 's3://bucket/a/',
      startedAt: '2026-03-27T11:59:00.000Z',
      slices: { total: 4, waiting: 1, active: 1, done: 2, quarantined: 0 },
      points: 400,
      bytes: 5000,
      pointsPerSecond: 10.5,
    },
  ],
};

let service: RunningService;

afterEach(async () => service.close());
afterAll(removeTempFolders);

const start = async (cluster?: AskCluster): Promise<void> => {
  const { set } = await memoryStores({ Article: 1 });
  const keys = { admin: [{ action: 'admin' }], manager: [{ action: 'manage' }] } as const;
  service = await startService({ stores: set, keys, ...(cluster === undefined ? {} : { cluster }) });
};

describe('GET /v1/cluster', () => {
  it('shows administrators what is known of it, and nothing else', async () => {
    const more = { ...STATUS, workers: STATUS.workers.map((worker) => ({ ...worker, pid: 7, secret: 'hunter2' })) };
    await start(async () => more);
    expect(await service.clientOf('admin').cluster()).toEqual(STATUS);
    await expect(service.clientOf('manager').cluster()).rejects.toMatchObject({ code: 'authorization-failed' });
    await expect(service.client.cluster()).rejects.toMatchObject({ code: 'authentication-failed' });
    expect(service.audit.map(({ operation, decision }) => [operation, decision])).toEqual([
      ['getCluster', 'allowed'],
      ['getCluster', 'denied'],
      ['getCluster', 'denied'],
    ]);
  });

  it('is not there without a cluster', async () => {
    await start();
    await expect(service.clientOf('admin').cluster()).rejects.toMatchObject({ status: 404, code: 'not-found' });
    await expect(service.clientOf('manager').cluster()).rejects.toMatchObject({ status: 403 });
  });

  it('says when its queue does not answer, and not what it said', async () => {
    await start(async () => Promise.reject(new Error('redis://:hunter2@localhost refused')));
    await expect(service.clientOf('admin').cluster()).rejects.toMatchObject({
      status: 503,
      code: 'cluster-not-available',
      message: 'The queue of the cluster does not answer.',
    });
  });
});
