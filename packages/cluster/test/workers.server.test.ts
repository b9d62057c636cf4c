import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { clusterStatus } from '@vecport/cluster';
import { localStorage } from '@vecport/storage';
import {
  type ChildExit,
  eventually,
  type NodeChild,
  removeTempFolders,
  serverAccess,
  serverUrl,
  spawnNode,
  tempFolder,
  testedServers,
} from '@vecport/testkit';
import { exportDataset } from '@vecport/transfer';
import { storeOf } from './support/cluster-run.js';
import { type IsolatedQueue, isolatedQueue, QUEUE_SERVERS } from './support/isolated-queue.js';

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));
const LOADER = new URL('../../cli/test/support/load-source.ts', import.meta.url).href;
const NODE = ['--conditions=@vecport/source', '--disable-warning=ExperimentalWarning', '--import', LOADER];
const POINTS = 20_000;
const LONG = { timeout: 100_000, interval: 200 };

const children: NodeChild[] = [];
let folder: string;
let digest: unknown;

/** The real program, in a process of its own. */
function vecport(args: readonly string[], env: Readonly<Record<string, string>> = {}): NodeChild {
  const child = spawnNode(MAIN, args, { cwd: folder, nodeArgs: NODE, env: { PATH: process.env['PATH'], ...env } });
  children.push(child);
  return child;
}

function jsonOf({ code, stdout, stderr }: ChildExit): Record<string, unknown> {
  if (code !== 0) throw new Error(`vecport ended with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const from = (): string => `lancedb:${join(folder, 'data')}#c`;
const digestIn = (json: Record<string, unknown>): unknown =>
  (json['collections'] as readonly { readonly digest: unknown }[])[0]?.digest;

beforeAll(async () => {
  folder = await tempFolder();
  const store = await storeOf(POINTS);
  const dataset = join(folder, 'dataset');
  await exportDataset({
    repositories: [await store.repository('c')],
    source: { provider: 'memory' },
    storage: localStorage(dataset),
    id: 'test',
    tool: { name: 'test', version: '0' },
  });
  jsonOf(await vecport(['import', '--from', dataset, '--to', `lancedb:${join(folder, 'data')}`, '--json']).exit);
  digest = digestIn(jsonOf(await vecport(['export', '--from', from(), '--to', 'single', '--json']).exit));
}, 120_000);

afterAll(removeTempFolders);

describe.each(testedServers(QUEUE_SERVERS))('worker processes at %s', (server) => {
  let queue: IsolatedQueue;

  beforeEach(async () => {
    queue = await isolatedQueue(server, 8);
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.allSettled(children.map(async ({ exit }) => exit));
    children.length = 0;
    await queue.remove();
  });

  async function worker(name: string, env: Readonly<Record<string, string>> = {}): Promise<NodeChild> {
    const child = vecport(['worker', '--cluster', queue.url, '--name', name, '--takeover', '3s'], env);
    await eventually(`${name} is ready`, () => child.stderr().includes(`worker ${name} is ready`), LONG);
    return child;
  }

  /** Export with two workers, at a rate that makes it last, one of which is killed when it is at work and the run is under way. */
  async function exportWithKill(to: string, env: Readonly<Record<string, string>> = {}): Promise<ChildExit> {
    const [doomed, other] = await Promise.all([worker('doomed', env), worker('other', env)]);
    const args = [
      'export',
      '--from',
      from(),
      '--to',
      to,
      '--part-rows',
      '200',
      '--rate-limit',
      '4000/s',
      '--cluster',
      queue.url,
      '--verify',
      '--json',
    ];
    const coordinator = vecport(args, env);
    let tooSoon: ChildExit | undefined;
    for (const { exit } of [coordinator, doomed]) void exit.then((end) => (tooSoon ??= end));
    await eventually(
      'the first worker has done something and is at work',
      async () => {
        if (tooSoon !== undefined) throw new Error(`A process ended before one was killed: ${JSON.stringify(tooSoon)}`);
        const { workers } = await clusterStatus(queue.url);
        return workers.some(({ name, parts, active }) => name === 'doomed' && parts > 2 && active.length > 0);
      },
      LONG,
    );
    doomed.kill('SIGKILL');
    const ended = await coordinator.exit;
    other.kill('SIGTERM');
    expect(await other.exit).toMatchObject({ code: 0, stdout: expect.stringContaining('The worker has ended') });
    return ended;
  }

  it('export what one process does, though one of them is killed', async () => {
    const json = jsonOf(await exportWithKill(join(folder, server)));
    expect(json).toMatchObject({ validation: { ok: true, problems: [] } });
    expect(digestIn(json)).toEqual(digest);
  });

  const buckets = server === 'redis' ? testedServers(['s3']) : [];
  for (const bucket of buckets)
    it(`export into a bucket at ${bucket}`, async () => {
      const to = new URL(serverUrl(bucket));
      to.pathname = `${to.pathname.replace(/\/$/, '')}/cluster-${randomBytes(4).toString('hex')}`;
      const json = jsonOf(await exportWithKill(to.href, serverAccess(bucket)));
      expect(json).toMatchObject({ validation: { ok: true, problems: [] } });
      expect(digestIn(json)).toEqual(digest);
    });

  it('stop when the coordinator is interrupted, and the export goes on without a cluster', async () => {
    const to = join(folder, `${server}-interrupted`);
    await worker('only');
    const args = ['export', '--from', from(), '--to', to, '--part-rows', '800'];
    const coordinator = vecport([...args, '--cluster', queue.url]);
    await eventually(
      'the worker is at work',
      async () => (await clusterStatus(queue.url)).runs[0]?.slices.active === 1,
      LONG,
    );
    coordinator.kill('SIGINT');
    expect(await coordinator.exit).toMatchObject({ code: 130, stderr: expect.stringContaining('Go on with: vecport') });
    await eventually(
      'the worker rests',
      async () => (await clusterStatus(queue.url)).workers[0]?.active.length === 0,
      LONG,
    );
    expect(digestIn(jsonOf(await vecport([...args, '--resume', '--json']).exit))).toEqual(digest);
  });
});
