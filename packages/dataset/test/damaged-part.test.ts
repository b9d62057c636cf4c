import { hash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { batchFromRecords } from '@vecport/abstractions';
import { openDataset, type ValidationProgress, validateDataset } from '@vecport/dataset';
import { points } from './support/batches.js';
import { contentOf, editPart, FIRST, problemsOf, readFirst, SECOND } from './support/damage.js';
import { type MemoryStorage, memoryStorage } from './support/memory-storage.js';
import { writePart, writeSample } from './support/write-sample.js';

let storage: MemoryStorage;

beforeEach(async () => {
  storage = memoryStorage();
  await writeSample(storage, points('a', 'b'), points('c', 'd'));
});

describe('a damaged part', () => {
  it('that was truncated', async () => {
    const size = contentOf(storage, FIRST).length;
    storage.files.set(FIRST, contentOf(storage, FIRST).subarray(0, size - 1));
    const message = `The part ${FIRST} has ${size - 1} bytes where the manifest says ${size}.`;
    expect(await problemsOf(storage)).toEqual([{ code: 'wrong-size', path: FIRST, message }]);
    await expect(readFirst(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining(`${size - 1} bytes`),
    });
  });

  it('with a bit flipped, wherever it is', async () => {
    const whole = contentOf(storage, FIRST);
    for (let at = 0; at < whole.length; at += 37) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      storage.files.set(FIRST, flipped);
      expect(await problemsOf(storage)).toEqual([
        { code: 'wrong-checksum', path: FIRST, message: expect.stringContaining('SHA-256') },
      ]);
    }
  });

  it('that is missing', async () => {
    storage.files.delete(FIRST);
    expect(await problemsOf(storage)).toEqual([
      { code: 'missing-part', path: FIRST, message: `The part ${FIRST} is missing.` },
    ]);
    await expect(readFirst(storage)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(FIRST),
    });
  });

  it('that does not decode although its checksum is right', async () => {
    const bytes = Buffer.from('PAR1 is how a file of another kind may start');
    storage.files.set(FIRST, bytes);
    editPart(storage, { bytes: bytes.length, sha256: hash('sha256', bytes) });
    expect(await problemsOf(storage)).toEqual([
      { code: 'unreadable-part', path: FIRST, message: expect.stringContaining(`${FIRST}: `) },
    ]);
    await expect(readFirst(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining(FIRST),
    });
  });
});

describe('files of two exports', () => {
  it('a part of another export in place of one', async () => {
    const other = memoryStorage();
    await writePart(other, points('x', 'y'));
    storage.files.set(FIRST, other.files.get(FIRST) ?? Buffer.alloc(0));
    expect((await problemsOf(storage)).map(({ code, path }) => [code, path])).toEqual([
      [expect.stringMatching(/wrong-(?:size|checksum)/), FIRST],
    ]);
  });

  it('a part of another export beside the others', async () => {
    const extra = await writePart(storage, points('x'), { slice: 3 });
    expect(await problemsOf(storage)).toEqual([
      {
        code: 'extra-part',
        path: extra.path,
        message: `The part ${extra.path} is not in the manifest: it belongs to another export.`,
      },
    ]);
  });

  it('the entry of a part of another export with its file', async () => {
    const other = memoryStorage();
    const entry = await writePart(other, points('x', 'y'));
    storage.files.set(FIRST, other.files.get(FIRST) ?? Buffer.alloc(0));
    editPart(storage, entry);
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-total', path: 'manifest.json', message: expect.stringContaining('not the sum of its parts') },
    ]);
  });

  it('the digest of another part with the same number of rows', async () => {
    const { digest } = await writePart(
      memoryStorage(),
      batchFromRecords([
        { id: 'a', embedding: Float32Array.of(1, 2, 3), metadata: { id: 'changed' } },
        { id: 'b', embedding: Float32Array.of(1, 2, 3), metadata: { id: 'b' } },
      ]),
    );
    editPart(storage, { digest });
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-total', path: 'manifest.json', message: expect.anything() },
      { code: 'wrong-digest', path: FIRST, message: `The part ${FIRST} holds other metadata than the manifest says.` },
    ]);
  });
});

describe('validateDataset', () => {
  it('reports all problems, and what it could read', async () => {
    storage.files.delete(FIRST);
    await writePart(storage, points('x'), { slice: 3 });
    const report = await validateDataset(await openDataset(storage));
    expect(report.problems.map(({ code }) => code)).toEqual(['missing-part', 'extra-part']);
    expect(report).toMatchObject({
      ok: false,
      rows: 2,
      bytes: contentOf(storage, SECOND).length,
      digest: { count: 2 },
    });
  });

  it('tells how far it is', async () => {
    const told: ValidationProgress[] = [];
    await validateDataset(await openDataset(storage), { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { collection: 'things', path: FIRST, rows: 2, total: 4, bytes: 0 },
      { collection: 'things', path: SECOND, rows: 4, total: 4, bytes: contentOf(storage, FIRST).length },
    ]);
  });

  it.each([
    ['unavailable', 'unavailable'],
    ['io', 'storage'],
    ['forbidden', 'forbidden'],
    ['locked', 'conflict'],
    ['invalid-path', 'invalid-argument'],
  ] as const)('throws when the storage is %s', async (storageCode, code) => {
    const dataset = await openDataset(storage);
    storage.fail(FIRST, storageCode);
    await expect(validateDataset(dataset)).rejects.toMatchObject({
      name: 'VecportError',
      code,
      cause: expect.objectContaining({ name: 'StorageError' }),
    });
  });
});
