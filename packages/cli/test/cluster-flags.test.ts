import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { folderForWorkers, storeForWorkers } from '../src/cluster-work.js';
import { runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';

afterAll(removeTempFolders);

let folder: string;
let store: string;

beforeAll(async () => {
  folder = await tempFolder();
  await seedStore(join(folder, 'data'), [{ name: 'c', points: 3, dimension: 2 }]);
  store = `lancedb:${join(folder, 'data')}`;
});

// Nobody listens there: what is refused is refused before the queue is asked.
const CLUSTER = ['--cluster', 'redis://127.0.0.1:1'];

describe('work for a cluster', () => {
  it.each([
    ['a limit', ['--limit', '5'], '--limit cannot be done by several machines'],
    ['a list of ids', ['--ids-from', 'ids.txt'], '--ids-from cannot'],
    ['an increment', ['--since', 'earlier'], '--since cannot'],
    ['a transform', ['--transform', './map.mjs'], '--transform cannot'],
    ['a staged upload', ['--no-stream-upload'], '--no-stream-upload cannot'],
    ['a strict resume', ['--strict', '--resume'], '--strict --resume cannot'],
  ])('of an export is refused with %s', async (_what, flags, message) => {
    const to = join(folder, 'refused');
    const result = await runHere(['export', '--from', `${store}#c`, '--to', to, ...CLUSTER, ...flags], { cwd: folder });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(await readdir(folder)).not.toContain('refused');
  });

  it.each([
    ['a queue of another kind', ['--cluster', 'amqp://h'], 'not the URL of a queue'],
    ['what belongs to a cluster without one', ['--cluster-parts', '2'], 'belong to --cluster'],
    ['a relative path of a store', [...CLUSTER, '--from', 'lancedb:./data#c'], 'depends on the working directory'],
    ['a secret in the URL of a store', [...CLUSTER, '--from', 'elastic://u:geheim@h/c'], 'holds a secret'],
  ])('of an export is refused with %s', async (_what, flags, message) => {
    const result = await runHere(['export', '--from', `${store}#c`, '--to', 'x', ...flags], { cwd: folder });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(result.stderr).not.toContain('geheim');
  });

  it.each([
    ['import', ['import', '--from', 'x', '--to']],
    ['migrate', ['migrate', '--from', 'lancedb:/x', '--all', '--to']],
  ])('of %s needs a state that all reach', async (_command, args) => {
    const result = await runHere([...args, store, ...CLUSTER], { cwd: folder });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('--state') });
  });

  it('ends when there is no queue, and leaves what can be gone on with', async () => {
    const args = ['export', '--from', `${store}#c`, '--to', join(folder, 'out')];
    const gone = await runHere([...args, ...CLUSTER, '--cluster-patience', '100ms'], { cwd: folder });
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringMatching(/has not answered.*Go on with: vecport/s) });
    expect(await runHere([...args, '--resume'], { cwd: folder })).toMatchObject({ code: 0 });
  });

  it('has workers that end when there is no queue', async () => {
    const result = await runHere(['worker', ...CLUSTER, '--patience', '100ms'], { cwd: folder });
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('has not answered') });
  });
});

describe('URLs for workers', () => {
  it('are whole and without secrets', () => {
    expect(storeForWorkers(undefined)).toBeUndefined();
    expect(storeForWorkers('qdrant://h:6334')).toBe('qdrant://h:6334');
    expect(storeForWorkers('lancedb:/data#c')).toBe('lancedb:/data#c');
    const notes: string[] = [];
    const context = {
      note: (text: string) => void notes.push(text),
      terminal: { cwd: '/here', env: {}, stdout: process.stdout, stderr: process.stderr },
    };
    expect(folderForWorkers('s3://bucket/x', context)).toBe('s3://bucket/x');
    expect(notes).toEqual([]);
    expect(folderForWorkers('out', context)).toBe('/here/out');
    expect(notes).toEqual([expect.stringContaining('every worker must see the same folder')]);
    expect(() => folderForWorkers('s3://bucket/x?secret=geheim', context)).toThrow('holds a secret');
  });

  it.each([
    ['worker', ['worker', '--patience', '100ms']],
    ['cluster status', ['cluster', 'status']],
    ['cluster cancel', ['cluster', 'cancel', 'r1']],
  ])('%s takes the queue from the environment where no flag names it', async (_command, args) => {
    const without = await runHere(args, { cwd: folder });
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('set VECPORT_CLUSTER') });
    const env = { VECPORT_CLUSTER: 'amqp://h' };
    const named = await runHere(args, { cwd: folder, env });
    expect(named).toMatchObject({ code: 2, stderr: expect.stringContaining('not the URL of a queue') });
  });
});
