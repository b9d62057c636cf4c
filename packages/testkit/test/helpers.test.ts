import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, isIdOfKind, parseJson, rows } from '@vecport/abstractions';
import {
  denseScore,
  eventually,
  GOLDEN_METADATA,
  goldenPoints,
  mulberry32,
  randomPoints,
  removeTempFolders,
  sparseScore,
  spawnNode,
  tempFolder,
} from '@vecport/testkit';

afterAll(removeTempFolders);

describe('tempFolder', () => {
  it('makes folders that are removed', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), 'text');
    expect(await tempFolder()).not.toBe(folder);
    await removeTempFolders();
    expect(existsSync(folder)).toBe(false);
  });
});

describe('eventually', () => {
  it('asks until there is an answer', async () => {
    let asked = 0;
    await expect(
      eventually('it was asked three times', () => (++asked === 3 ? 'yes' : undefined), { interval: 1 }),
    ).resolves.toBe('yes');
  });

  it('gives up naming what it waited for, and passes errors through', async () => {
    await expect(eventually('pigs fly', () => false, { timeout: 0, interval: 1 })).rejects.toThrow('pigs fly');
    await expect(eventually('never', async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});

describe('spawnNode', () => {
  it('keeps output and exit code', async () => {
    const script = join(await tempFolder(), 'script.mjs');
    await writeFile(script, 'console.log("out", process.argv[2]); console.error("err"); process.exitCode = 3;');
    await expect(spawnNode(script, ['given']).exit).resolves.toEqual({
      code: 3,
      signal: null,
      stdout: 'out given\n',
      stderr: 'err\n',
    });
  });

  it('waits for output and kills', async () => {
    const script = join(await tempFolder(), 'script.mjs');
    await writeFile(script, 'console.log("ready"); setInterval(() => {}, 1000);');
    const child = spawnNode(script, []);
    await child.output('ready');
    child.kill('SIGKILL');
    await expect(child.exit).resolves.toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('does not wait for output of a child that ended', async () => {
    const script = join(await tempFolder(), 'script.mjs');
    await writeFile(script, 'console.log("something else");');
    await expect(spawnNode(script, []).output('ready')).rejects.toThrow('something else');
  });
});

describe('generators', () => {
  it('mulberry32 gives the reference numbers', () => {
    const random = mulberry32(1);
    expect([random(), random()].map((value) => value.toFixed(6))).toEqual(['0.627074', '0.002736']);
  });

  it('randomPoints are the same for the same seed, with ids of the kind asked for', () => {
    expect(randomPoints(4, 20, 3)).toEqual(randomPoints(4, 20, 3));
    expect(randomPoints(4, 20, 3)).not.toEqual(randomPoints(5, 20, 3));
    for (const kind of ['u64', 'i64', 'uuid'] as const) {
      const ids = randomPoints(1, 50, 2, kind).map(({ id }) => id);
      expect(ids.every((id) => isIdOfKind(id, kind))).toBe(true);
      expect(new Set(ids).size).toBe(50);
    }
  });
});

describe('golden corpus', () => {
  it('has unique names and ids, and metadata that is JSON', () => {
    const points = goldenPoints();
    expect(new Set(points.map(({ name }) => name)).size).toBe(points.length);
    expect(new Set(points.map(({ id }) => id)).size).toBe(points.length);
    for (const { text } of GOLDEN_METADATA) if (text !== undefined) parseJson(text);
    expect([...rows(batchFromRecords(points))]).toHaveLength(points.length);
  });

  it('has what was promised', () => {
    const ids = goldenPoints().map(({ id }) => id);
    for (const id of ['0', '9007199254740993', '18446744073709551615', '-9223372036854775808'])
      expect(ids).toContain(id);
    expect(ids.filter((id) => Buffer.byteLength(id) === 512)).toHaveLength(2);
    const floats = goldenPoints().flatMap(({ embedding }) => [...embedding]);
    for (const value of [2 ** -149, -0, 3.4028234663852886e38, 2 ** -126])
      expect(floats.some((float) => Object.is(float, value))).toBe(true);
  });
});

describe('scores', () => {
  const left = Float32Array.of(1, 0, 2, 0);
  const right = Float32Array.of(3, 0, -1, 4);

  it.each([
    ['dot', 1],
    ['cosine', 1 / Math.sqrt(5 * 26)],
    ['euclidean', -Math.sqrt(4 + 9 + 16)],
    ['manhattan', -9],
    ['hamming', -3],
    ['jaccard', 2 / 3 - 1],
  ] as const)('%s', (metric, expected) => {
    expect(denseScore(metric, left, right)).toBeCloseTo(expected, 12);
  });

  it('of zero vectors are numbers', () => {
    const zero = new Float32Array(4);
    expect(denseScore('cosine', zero, right)).toBe(0);
    expect(denseScore('jaccard', zero, zero)).toBe(0);
  });

  it('of sparse vectors are inner products', () => {
    const sparse = (indices: number[], values: number[]) => ({
      indices: Uint32Array.from(indices),
      values: Float32Array.from(values),
    });
    expect(sparseScore(sparse([1, 5], [2, 3]), sparse([0, 5, 9], [7, 4, 1]))).toBe(12);
  });
});
