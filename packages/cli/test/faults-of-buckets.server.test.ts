import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type FaultProxy,
  type HttpFault,
  removeTempFolders,
  startFaultProxy,
  tempFolder,
  testedServers,
} from '@vecport/testkit';
import { type TestBucket, testBucket } from './support/bucket.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';
import { killLeftovers, vecport } from './support/vecport.js';

/*
 * What goes wrong with a bucket on the way of an export, an import and a migration: it is completed all the same, or
 * there is a clear error and --resume completes it.
 */
const POINTS = 10_000;

/** A bucket that was removed. */
const GONE: HttpFault = {
  answer: {
    status: 404,
    headers: { 'content-type': 'application/xml' },
    body: '<?xml version="1.0"?><Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist.</Message></Error>',
  },
};

let cwd: string;
let bucket: TestBucket;
let proxy: FaultProxy;
/** The bucket as it is seen through the proxy. */
let behind: TestBucket;

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: POINTS, dimension: 32, metric: 'euclidean' }]);
});

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

describe.each(testedServers(['s3'] as const))('a bucket of %s', (name) => {
  beforeEach(async () => {
    bucket = testBucket(name);
    proxy = await startFaultProxy({ target: bucket.origin });
    behind = bucket.behind(proxy.url);
  });

  afterEach(async () => {
    await proxy.close();
    await bucket.clear();
  });

  it('that is gone in the middle of an export ends it, and it goes on when the bucket is back', async () => {
    const args = ['export', '--from', source(), '--to', behind.url('items'), '--part-rows', '500'];
    await expectResumed(args, 30, GONE, /no such bucket|is not there/i);
    expect(await direct(['verify', bucket.url('items'), '--against', source()])).toMatchObject({ code: 0 });
  });

  it('that is slow and breaks off now and then is imported from', async () => {
    await fill();
    proxy.setFaults(({ number }) => {
      if (number % 9 === 5) return { cutRequestAfterBytes: 0 };
      if (number % 7 === 3) return { answer: { status: 503, headers: { 'retry-after': '0' } } };
      return { delayMs: 10 };
    });
    const target = `lancedb:${await tempFolder()}`;
    expect(await alone(importArgs(target))).toMatchObject({ code: 0 });
    await expectTarget(target);
  });

  it.each([
    ['gone', GONE, /no such bucket|is not there/i],
    ['cut off', { cutRequestAfterBytes: 0 }, /not reached, or the connection broke/],
  ])(
    'that is %s in the middle of an import ends it, and it goes on when the bucket is back',
    async (_, fault, message) => {
      await fill();
      const target = `lancedb:${await tempFolder()}`;
      // After the check of all files, while points are written.
      const good = Math.floor((await requestsOf(importArgs(`lancedb:${await tempFolder()}`))) * 0.8);
      await expectResumed(importArgs(target), good, fault, message);
      await expectTarget(target);
    },
  );

  it('that is gone in the middle of a migration over it ends it, and it goes on when the bucket is back', async () => {
    const target = `lancedb:${await tempFolder()}`;
    const args = ['migrate', '--from', source(), '--to', target, '--via', behind.url('items'), '--batch-size', '500'];
    await expectResumed(args, 30, GONE, /no such bucket|is not there/i);
    await expectTarget(target);
  });
});

function source(): string {
  return `lancedb:${cwd}/data#items`;
}

function importArgs(target: string): readonly string[] {
  return ['import', '--from', behind.url('items'), '--to', target, '--batch-size', '500'];
}

/** All points are in the bucket. */
async function fill(): Promise<void> {
  const args = ['export', '--from', source(), '--to', bucket.url('items'), '--part-rows', '500'];
  expect(await direct(args)).toMatchObject({ code: 0 });
}

async function expectTarget(target: string): Promise<void> {
  const args = ['verify', bucket.url('items'), '--against', `${target}#items`];
  expect(await direct(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('Equal to lancedb / items') });
}

/** How many requests to the bucket it takes. */
async function requestsOf(args: readonly string[]): Promise<number> {
  const before = proxy.requests.length;
  expect(await alone(args)).toMatchObject({ code: 0 });
  return proxy.requests.length - before;
}

/** It ends with the fault of all requests after the first ones, and is done when there is none. */
async function expectResumed(args: readonly string[], good: number, fault: HttpFault, message: RegExp): Promise<void> {
  const before = proxy.requests.length;
  proxy.setFaults(({ number }) => (number > before + good ? fault : undefined));
  const failed = await alone(args, { VECPORT_STORAGE_RETRIES: '1' });
  expect(failed.stderr).toMatch(message);
  expect(failed.code).not.toBe(0);
  expect(failed.stderr).toMatch(/Go on with: vecport .* --resume/);
  proxy.setFaults(undefined);
  const done = await alone([...args, '--resume', '--json']);
  expect(done).toMatchObject({ code: 0 });
}

async function direct(args: readonly string[]): Promise<RunResult> {
  return runHere(args, { cwd, env: bucket.env });
}

/** In a process of its own, through the proxy. */
async function alone(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  const { code, stdout, stderr } = await vecport(args, {
    cwd,
    env: { VECPORT_STATE: join(cwd, '.vecport'), ...behind.env, ...env },
  });
  return { code: code ?? -1, stdout, stderr };
}
