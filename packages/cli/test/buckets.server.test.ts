import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type FaultProxy,
  type HttpFault,
  type HttpFaultSource,
  removeTempFolders,
  startFaultProxy,
  tempFolder,
  testedServers,
} from '@vecport/testkit';
import { BUCKET_SERVERS, type TestBucket, testBucket } from './support/bucket.js';
import { partHashes } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';
import { killLeftovers, startVecport, vecport } from './support/vecport.js';

const POINTS = 20_000;
const PART_ROWS = 1000;

let cwd: string;
let uninterrupted: Readonly<Record<string, string>>;
let bucket: TestBucket;

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: POINTS, dimension: 32 }]);
  expect(await runHere(exportArgs(join(cwd, 'plain')), { cwd })).toMatchObject({ code: 0 });
  uninterrupted = await partHashes(join(cwd, 'plain'));
  expect(Object.keys(uninterrupted)).toHaveLength(POINTS / PART_ROWS);
});

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

describe.each(testedServers(BUCKET_SERVERS))('a bucket of %s', (name) => {
  beforeEach(() => {
    bucket = testBucket(name);
  });

  afterEach(async () => {
    await bucket.clear();
  });

  it('holds an export that was killed, resumed, verified, downloaded and imported', async () => {
    await killOnTheWay();
    expect(await bucket.paths()).not.toContain('items/manifest.json');
    const early = await run(['download', '--from', bucket.url(), '--id', 'items']);
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('is not complete') });
    const unfinished = await run(['verify', bucket.url('items')]);
    expect(unfinished).toMatchObject({ code: 3, stderr: expect.stringContaining('was not completed') });

    await expectDone([...exportArgs(bucket.url('items')), '--resume']);
    const left = (await bucket.paths()).filter((path) => !path.endsWith('.parquet'));
    expect(left).toEqual(['items/collections/items/schema.json', 'items/export_metadata.json', 'items/manifest.json']);
    await expectDone(['verify', bucket.url('items')]);
    await expectDone(['inspect', bucket.url('items'), '--samples', '1']);
    const copy = await tempFolder();
    await expectDone(['download', '--from', bucket.url(), '--output', join(copy, 'items')]);
    expect(await partHashes(join(copy, 'items'))).toEqual(uninterrupted);
    await expectDone(['import', '--from', bucket.url('items'), '--to', `lancedb:${copy}/store`, '--verify']);
    const { stdout } = await expectDone(['clean', bucket.url(), '--older-than', '1ms', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ swept: 0, exports: [] });
  });

  it('is cleaned of an export that died, and of nothing else', async () => {
    await expectDone([...exportArgs(bucket.url('whole')), '--limit', '10']);
    await killOnTheWay();
    const before = await bucket.paths();
    const dry = await expectDone(['clean', bucket.url(), '--older-than', '1ms', '--dry-run']);
    expect(dry.stdout).toContain('1 unfinished export would be removed');
    expect(await bucket.paths()).toEqual(before);
    await expectDone(['clean', bucket.url(), '--older-than', '1ms']);
    expect((await bucket.paths()).filter((path) => !path.startsWith('whole/'))).toEqual([]);
    await expectDone(['verify', bucket.url('whole')]);
  });

  it('that is missing is told before anything is read', async () => {
    const missing = bucket.missing();
    await expectRefused([...exportArgs(missing.url('items'))], missing, /no such (bucket|container)/);
    await expectRefused(['download', '--from', missing.url(), '--list'], missing, /no such (bucket|container)/);
    await expectRefused(['verify', missing.url('items')], missing, /no such (bucket|container)/);
  });

  it('that cannot be reached is told', async () => {
    const gone = bucket.behind('http://127.0.0.1:9');
    const args = exportArgs(gone.url('items'));
    await expectRefused(args, { env: { ...gone.env, VECPORT_STORAGE_RETRIES: '1' } }, /was not reached/);
  });

  describe('behind a network', () => {
    let proxy: FaultProxy;
    let behind: TestBucket;

    beforeEach(async () => {
      proxy = await startFaultProxy({ target: bucket.origin });
      behind = bucket.behind(proxy.url);
    });

    afterEach(async () => {
      await proxy.close();
    });

    it('that is slow and breaks off now and then holds the same export in the end', async () => {
      proxy.setFaults(passing(name));
      expect(await runAlone(exportArgs(behind.url('items')), behind)).toMatchObject({ code: 0 });
      const copy = join(await tempFolder(), 'items');
      const args = ['download', '--from', behind.url('items'), '--output', copy];
      expect(await runAlone(args, behind)).toMatchObject({ code: 0 });
      expect(await partHashes(copy)).toEqual(uninterrupted);
    });

    it('that goes away in the middle leaves an export that is gone on with', async () => {
      proxy.setFaults(({ number }) => (number > 70 ? { cutRequestAfterBytes: 0 } : undefined));
      const env = { ...behind.env, VECPORT_STORAGE_RETRIES: '1' };
      await expectHalf(
        await runAlone(exportArgs(behind.url('items')), { env }),
        /not reached, or the connection broke/,
      );
      proxy.setFaults(undefined);
      await expectCompleted(behind);
    });

    it('with a token that expires in the middle leaves an export that is gone on with', async () => {
      proxy.setFaults(({ number }) => (number > 30 ? { answer: expired(name) } : undefined));
      await expectHalf(await runAlone(exportArgs(behind.url('items')), behind), /has expired/);
      proxy.setFaults(undefined);
      await expectCompleted(behind);
    });

    it('with a token that has expired leaves nothing', async () => {
      proxy.setFaults(() => ({ answer: expired(name) }));
      await expectRefused(exportArgs(behind.url('items')), behind, /has expired/);
      expect(await bucket.paths()).toEqual([]);
    });

    it('with wrong credentials leaves nothing', async () => {
      // Google's emulator asks for none.
      if (name === 'gcs') proxy.setFaults(() => ({ answer: unauthorized('Invalid Credentials') }));
      const args = exportArgs(behind.url('items'));
      await expectRefused(args, behind.wrong(), /not accept the (access key|credentials)|do not work/);
      expect(await bucket.paths()).toEqual([]);
    });
  });
});

/** A network with many faults, each of which passes. */
const FLAKY: readonly HttpFault[] = [
  { delayMs: 20 },
  { answer: { status: 503, headers: { 'retry-after': '0' } } },
  {},
  { cutRequestAfterBytes: 100 },
  { bytesPerSecond: 2_000_000 },
  { loseAnswer: true },
  {},
  { cutAnswerAfterBytes: 10 },
  { delayMs: 50 },
];

/**
 * One fault after the other, but no request meets more than three: by chance, one of hundreds would meet as many as are
 * survived. An answer to a piece of a file is not lost on its way from the stand-in for Google: it would append the piece
 * that comes again, where Google knows that it has it.
 */
function passing(store: string): HttpFaultSource {
  const met = new Map<string, number>();
  return ({ number, method, path }) => {
    const fault = FLAKY[number % FLAKY.length];
    const request = `${method} ${path}`;
    const before = met.get(request) ?? 0;
    const losesAnswer = fault?.loseAnswer === true || fault?.cutAnswerAfterBytes !== undefined;
    if (before >= 3 || (losesAnswer && store === 'gcs' && path.includes('upload_id='))) return undefined;
    met.set(request, before + 1);
    return fault;
  };
}

/** What the stores say of credentials that were good once. */
function expired(name: string): HttpFault['answer'] {
  if (name === 'gcs') return unauthorized('Request had expired authentication credentials.');
  const xml = { 'content-type': 'application/xml' };
  if (name === 'azure') {
    const body =
      '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message>' +
      '<AuthenticationErrorDetail>Signature not valid in the specified time frame</AuthenticationErrorDetail></Error>';
    return { status: 403, headers: { ...xml, 'x-ms-error-code': 'AuthenticationFailed' }, body };
  }
  const body =
    '<?xml version="1.0"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
  return { status: 400, headers: xml, body };
}

/** As Google answers. */
function unauthorized(message: string): HttpFault['answer'] {
  const body = JSON.stringify({ error: { code: 401, message, errors: [{ reason: 'authError' }] } });
  return { status: 401, headers: { 'content-type': 'application/json' }, body };
}

function exportArgs(to: string): readonly string[] {
  return ['export', '--from', `lancedb:${cwd}/data#items`, '--to', to, '--part-rows', String(PART_ROWS)];
}

async function run(args: readonly string[]): Promise<RunResult> {
  return runHere(args, { cwd, env: bucket.env });
}

/** In a process of its own: jest's realm hides from Amazon's client what kind of an error one of the network is. */
async function runAlone(args: readonly string[], { env }: Pick<TestBucket, 'env'>): Promise<RunResult> {
  const { code, stdout, stderr } = await vecport(args, { cwd, env });
  return { code: code ?? -1, stdout, stderr };
}

async function expectDone(args: readonly string[]): Promise<RunResult> {
  const result = await run(args);
  expect({ args, ...result }).toMatchObject({ args, code: 0 });
  return result;
}

/** It could not be done, in a sentence with advice, without a stack. */
async function expectRefused(args: readonly string[], place: Pick<TestBucket, 'env'>, message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runAlone(args, place);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at |Unexpected/m);
  for (const secret of Object.values(place.env)) {
    if (!secret.startsWith('http') && secret.length > 16) expect(stderr).not.toContain(secret);
  }
}

async function expectHalf({ code, stderr }: RunResult, message: RegExp): Promise<void> {
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
  expect(stderr).toMatch(/Go on with: vecport export .* --resume/);
  expect(await bucket.paths()).not.toContain('items/manifest.json');
}

async function expectCompleted(place: TestBucket): Promise<void> {
  expect(await runAlone([...exportArgs(place.url('items')), '--resume'], place)).toMatchObject({ code: 0 });
  const copy = join(await tempFolder(), 'items');
  await expectDone(['download', '--from', bucket.url('items'), '--output', copy]);
  expect(await partHashes(copy)).toEqual(uninterrupted);
}

/** Start an export and kill it when some of its parts are there, and not all. */
async function killOnTheWay(): Promise<void> {
  const child = startVecport([...exportArgs(bucket.url('items')), '--parallel', '1'], { cwd, env: bucket.env });
  const parts = async (): Promise<number> =>
    (await bucket.paths()).filter((path) => /^items\/.*\.parquet$/.test(path)).length;
  await eventually('a first part is there', async () => (await parts()) > 0, { interval: 2, timeout: 60_000 });
  child.kill('SIGKILL');
  await child.exit;
  expect(await parts()).toBeLessThan(POINTS / PART_ROWS);
}
