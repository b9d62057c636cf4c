import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type QdrantFault, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type FaultyQdrant, startFaultyQdrant, type Transport } from './faulty-qdrant.js';
import { type RunResult, runHere } from './run-here.js';
import { seedStore } from './seed-store.js';

/*
 * What goes wrong on the way, and what becomes of the work: it is complete, or there is a clear error and --resume
 * completes it. Either way the outcome is that of a run nothing went wrong with.
 */
const POINTS = 3000;
/** A twentieth of the time that requests are given if nobody says. */
const SCALED = { QDRANT_TIMEOUT: '3000' };
const SIDE_BY_SIDE = 6;

type Env = Readonly<Record<string, string>>;

/** A folder with `plain`, a dataset of all points, and the digest of these. */
interface Base {
  readonly folder: string;
  readonly digest: string;
}

/** A server of a test's own, and a folder to work in. */
interface Scene {
  readonly base: Base;
  readonly cwd: string;
  readonly server: FaultyQdrant;
  run(args: readonly string[], env?: Env): Promise<RunResult>;
}

/** One way through the server. */
export interface Direction {
  prepare(scene: Scene, transport: Transport): Promise<void>;
  /** The command line, without `--resume`. */
  args(scene: Scene, transport: Transport): readonly string[];
  /** Options with which it does not go on trying for long. */
  readonly impatient: readonly string[];
  /** What is at the target is everything, once. */
  expectComplete(scene: Scene, transport: Transport): Promise<void>;
}

/** A direction over one of the server's interfaces. */
interface Way {
  readonly name: string;
  readonly direction: Direction;
  readonly transport: Transport;
}

/** Goes wrong on the way, and by itself goes right again. */
const PASSING: Readonly<Record<string, (server: FaultyQdrant) => void>> = {
  'one in ten of all requests refused': (server) => server.fail(({ number }) => refusalIf(number % 10 === 7, 503)),
  'a latency of a thirtieth of the time allowed': (server) => server.failPoints(() => ({ delayMs: 100 })),
  'a storm of 429 with Retry-After': (server) => server.failPoints(everyNth(2, refusal(429, 0))),
  '429 twenty times in a row': (server) => server.failPoints((n) => (n > 5 && n < 26 ? refusal(429, 0) : undefined)),
  'a Retry-After of a second': (server) => server.failPoints((n) => (n === 5 ? refusal(429, 1) : undefined)),
  'answers that are cut off': (server) => server.failPoints(everyNth(4, { cutAfterBytes: 3 })),
  'a restart of the server': (server) => server.failPoints((n) => (n === 5 ? restart(server) : undefined)),
};

/** Goes wrong from the fifth page or write on until somebody does something about it; and what is told of it. */
const LASTING: Readonly<
  Record<string, { readonly message: RegExp; readonly env?: Env; readonly goWrong: (server: FaultyQdrant) => void }>
> = {
  'a server that is gone': {
    message: /\[qdrant \/ items\] Qdrant: .*\n {2}Check that the server runs/,
    goWrong: (server) => server.failPoints((n) => (n === 5 ? goDown(server) : undefined)),
  },
  'a latency beyond the time allowed': {
    message: /raise the setting timeout/,
    env: { QDRANT_TIMEOUT: '100' },
    goWrong: (server) => server.failPoints(fromNth(5, { delayMs: 1000 })),
  },
  '429 without end': {
    message: /refuse this with 429/,
    goWrong: (server) => server.failPoints(fromNth(5, refusal(429, 0))),
  },
  'answers that are always cut off': {
    message: /\[qdrant \/ items\] Qdrant: /,
    goWrong: (server) => server.failPoints(fromNth(5, { cutAfterBytes: 3 })),
  },
  'credentials that expire': {
    message: /Set QDRANT_API_KEY to a key of this server/,
    env: { QDRANT_API_KEY: 'old' },
    goWrong: (server) => server.failPoints((n, { headers }) => refusalIf(n >= 5 && headers['api-key'] !== 'new', 401)),
  },
};

/** Ways that go on by themselves through what passes, and ways that end with what lasts and are resumed. */
export interface FaultTable {
  readonly completed: readonly Way[];
  readonly resumed: readonly Way[];
}

/** Tests of all rows of a table. Most of their time the rows wait, so they are done side by side. */
export function describeFaults({ completed, resumed }: FaultTable): void {
  /** What became of each row: nothing, or why it is wrong. */
  let outcomes: ReadonlyMap<string, Error | undefined> = new Map();

  beforeAll(async () => {
    const base = await makeBase();
    const rows = [
      ...Object.keys(PASSING).flatMap((what) =>
        completed.map((way) => [nameOf(way, what), completes(base, way, what)] as const),
      ),
      ...Object.keys(LASTING).flatMap((what) =>
        resumed.map((way) => [nameOf(way, what), resumes(base, way, what)] as const),
      ),
    ];
    outcomes = await outcomesOf(rows);
  }, 180_000);

  afterAll(removeTempFolders);

  const expectRight = (way: Way, what: string): void => {
    const name = nameOf(way, what);
    expect(outcomes.has(name)).toBe(true);
    const error = outcomes.get(name);
    if (error !== undefined) throw error;
  };

  describe.each(completed)('$name is completed through', (way) => {
    it.each(Object.keys(PASSING))('%s', (what) => expectRight(way, what));
  });

  describe.each(resumed)('$name ends with a clear error, and --resume completes it, through', (way) => {
    it.each(Object.keys(LASTING))('%s', (what) => expectRight(way, what));
  });
}

type Row = () => Promise<void>;

function completes(base: Base, { direction, transport }: Way, what: string): Row {
  return async () =>
    withScene(base, async (scene) => {
      const { server, run } = scene;
      await direction.prepare(scene, transport);
      PASSING[what]?.(server);
      expectDone(await run(direction.args(scene, transport), SCALED));
      expect(server.failures()).toBeGreaterThan(0);
      server.heal();
      await direction.expectComplete(scene, transport);
    });
}

function resumes(base: Base, { direction, transport }: Way, what: string): Row {
  const { message = /^$/, env, goWrong } = LASTING[what] ?? {};
  return async () =>
    withScene(base, async (scene) => {
      const { server, run } = scene;
      await direction.prepare(scene, transport);
      goWrong?.(server);
      const args = [...direction.args(scene, transport), ...direction.impatient];
      const failed = await run(args, { ...SCALED, ...env });
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
      expect(failed.stderr).toMatch(/Go on with: vecport .* --resume\n/);
      if (env?.['QDRANT_API_KEY'] === undefined) server.heal();
      await server.comeUp();
      expectDone(await run([...args, '--resume'], { QDRANT_API_KEY: 'new' }));
      server.heal();
      await direction.expectComplete(scene, transport);
    });
}

async function outcomesOf(rows: readonly (readonly [string, Row])[]): Promise<ReadonlyMap<string, Error | undefined>> {
  const waiting = [...rows];
  const found = new Map<string, Error | undefined>();
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, row] = next;
      found.set(
        name,
        await row().then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return found;
}

function nameOf({ name }: Way, what: string): string {
  return `${name} ${what}`;
}

/** The server holds all points, and nothing else. */
export const expectAllInServer: Direction['expectComplete'] = async ({ base, server, run }, transport) => {
  const verified = await run(['verify', join(base.folder, 'plain'), '--against', server.url(transport)]);
  expectDone(verified);
  expect(verified.stdout).toContain('Equal to qdrant / items');
};

/** Give the server all points. */
export const fillFrom: Direction['prepare'] = async ({ base, server, run }, transport) => {
  expectDone(await run(['import', '--from', join(base.folder, 'plain'), '--to', server.url(transport)]));
};

async function makeBase(): Promise<Base> {
  const folder = await tempFolder();
  // Not cosine: Qdrant would store unit vectors, which is another test's matter.
  await seedStore(join(folder, 'data'), [{ name: 'items', points: POINTS, dimension: 8, metric: 'euclidean' }]);
  const plain = join(folder, 'plain');
  const exported = ['export', '--from', `lancedb:${join(folder, 'data')}#items`, '--to', plain, '--part-rows', '700'];
  expectDone(await runHere(exported, { cwd: folder }));
  return { folder, digest: await digestIn(plain) };
}

async function withScene(base: Base, work: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await startFaultyQdrant();
  try {
    const cwd = await tempFolder();
    await work({ base, cwd, server, run: async (args, env = {}) => runHere(args, { cwd, env }) });
  } finally {
    await server.close();
  }
}

/** The fault of every n-th request that reads or writes points. */
function everyNth(n: number, fault: QdrantFault): (at: number) => QdrantFault | undefined {
  return (at) => (at % n === 0 ? fault : undefined);
}

/** The fault of all of them from the n-th on. */
function fromNth(n: number, fault: QdrantFault): (at: number) => QdrantFault | undefined {
  return (at) => (at >= n ? fault : undefined);
}

function refusal(status: number, retryAfterSeconds?: number): QdrantFault {
  return { refuse: { status, retryAfterSeconds } };
}

function refusalIf(now: boolean, status: number): QdrantFault | undefined {
  return now ? refusal(status) : undefined;
}

/** All connections are cut while a request is carried out; the server is back after a moment. */
function restart(server: FaultyQdrant): QdrantFault {
  void server.goDown().then(async () => {
    await delay(300);
    await server.comeUp();
  });
  return {};
}

/** All connections are cut while a request is carried out. */
function goDown(server: FaultyQdrant): QdrantFault {
  void server.goDown();
  return {};
}

/** Shows what a run has printed when it did not end well. */
export function expectDone({ code, stdout, stderr }: RunResult): void {
  expect({ code, printed: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, printed: '' });
}

/** The content digest of a dataset with one collection. */
export async function digestIn(dataset: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(dataset, 'manifest.json'), 'utf8')) as {
    readonly collections: readonly { readonly digest: { readonly content: string } }[];
  };
  return manifest.collections[0]?.digest.content ?? '';
}
