import { describe, expect, it } from '@jest/globals';
import { type CollectionDriver, type ExportBatch, type ExportOptions, rows } from '@vecport/abstractions';
import { createRepository } from '@vecport/core';
import { collectExport, fingerprints, generatedAdapter } from '@vecport/testkit';

describe('generatedAdapter', () => {
  it('reads its URL', () => {
    expect(generatedAdapter().parseUrl('generated:200000x384#big')).toEqual({
      settings: { shape: '200000x384', collection: 'big' },
      collection: 'big',
    });
    expect(() => generatedAdapter().parseUrl('generated:many')).toThrow('<points>x<dimension>');
    expect(() => generatedAdapter().parseUrl('generated:3x0')).toThrow('<points>x<dimension>');
  });

  it('gives every point once, the same each time, whatever the batches', async () => {
    const repository = await open('250x6');
    const whole = await collectExport(repository);
    expect(whole.ids).toEqual(Array.from({ length: 250 }, (_, n) => String(n)));
    expect((await collectExport(repository, { batchSize: 7 })).points).toEqual(whole.points);
    expect(fingerprints(await repository.get(['249', '3', '250', '3']))).toEqual([whole.points[249], whole.points[3]]);
    expect(new Set(whole.points.map((point) => point.split(' ')[1])).size).toBe(250);
  });

  it('resumes after every cursor and reads slices', async () => {
    const repository = await open('100x4');
    const { batches, points } = await collectExport(repository, { batchSize: 30 });
    for (const [index, batch] of batches.entries()) {
      const rest = await collectExport(repository, { batchSize: 30, after: batch.cursor });
      expect(rest.points).toEqual(points.slice((index + 1) * 30));
    }
    const { slices } = await repository.slices(3);
    const read = await Promise.all(slices.map(async (slice) => collectExport(repository, { slice, batchSize: 9 })));
    expect(read.flatMap((part) => part.points)).toEqual(points);
    const [, second] = slices;
    const part = await collectExport(repository, { slice: second, batchSize: 9 });
    const rest = await collectExport(repository, { slice: second, after: part.batches[1]?.cursor });
    expect(rest.ids).toEqual(part.ids.slice(18));
  });

  it('keeps fields, stops on abort, and refuses what it cannot do', async () => {
    const repository = await open('20x4');
    const { batches } = await collectExport(repository, { fields: ['n'] });
    expect(batches.flatMap((batch: ExportBatch) => [...rows(batch)]).map((row) => row.metadataText)[19]).toBe(
      '{"n":19}',
    );
    const reason = new Error('enough');
    await expect(collectExport(repository, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(repository.count({ op: 'exists', field: 'n' })).rejects.toMatchObject({ code: 'not-supported' });
    await expect(repository.upsert('1', new Float32Array(4).fill(1))).rejects.toMatchObject({ code: 'not-supported' });
    await expect(collectExport(repository, { after: 'x' })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

async function open(shape: string) {
  const store = await generatedAdapter().open({ shape, collection: 'some' }, {});
  const driver = (await store.collection('some', {})) as CollectionDriver & {
    exportAll(options: ExportOptions): AsyncIterable<ExportBatch>;
  };
  const repository = createRepository(driver, { provider: 'generated', collection: 'some' });
  const { slices } = repository;
  if (slices === undefined) throw new Error('slices is a capability of generated collections');
  return { ...repository, slices };
}
