import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { removeTempFolders } from '@vecport/testkit';
import {
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

let stores: MemoryStores;
let service: RunningService;

beforeEach(async () => {
  stores = await memoryStores({ Article: 300, Product: 20 });
  service = await startService({ stores: stores.set });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

describe('POST /v1/export/{backend}', () => {
  it('answers as the export of Weaviate does, and the dataset is complete', async () => {
    const { status, json } = await request(`${service.url}/v1/export/filesystem`, {
      method: 'POST',
      body: { id: 'test-export-1', include: ['Article'], exclude: [], config: { path: 'exports/' } },
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: 'test-export-1',
      backend: 'filesystem',
      path: 'filesystem:///exports/test-export-1/',
      status: 'STARTED',
      startedAt: expect.any(String),
      classes: ['Article'],
      progress: { Article: { status: 'STARTED', objectsExported: 0 } },
    });
    const ended = await service.client.exports.wait('filesystem', 'test-export-1');
    expect(ended).toEqual({
      ...json,
      status: 'SUCCESS',
      completedAt: expect.any(String),
      progress: {
        Article: {
          status: 'SUCCESS',
          objectsExported: 300,
          fileSizeBytes: expect.any(Number),
          objectsTotal: 300,
        },
      },
    });
    expect(ended.progress['Article']?.fileSizeBytes).toBeGreaterThan(1000);
    expect(await service.client.exports.status('filesystem', 'test-export-1')).toEqual(ended);
    const dataset = await openDataset(localStorage(join(service.root, 'exports/test-export-1')));
    expect((await validateDataset(dataset)).ok).toBe(true);
    const metadata: unknown = JSON.parse(
      await readFile(join(service.root, 'exports/test-export-1/export_metadata.json'), 'utf8'),
    );
    expect(metadata).toMatchObject({ id: 'test-export-1', backend: 'filesystem', status: 'SUCCESS', version: '0.1.0' });
  });

  it('exports all classes that are not excluded', async () => {
    await service.client.exports.start('filesystem', { id: 'all' });
    await service.client.exports.start('filesystem', { id: 'some', exclude: ['Article'] });
    const { classes, progress } = await service.client.exports.wait('filesystem', 'all');
    expect(classes).toEqual(['Article', 'Product']);
    expect(progress['Product']).toMatchObject({ status: 'SUCCESS', objectsExported: 20 });
    expect((await service.client.exports.wait('filesystem', 'some')).classes).toEqual(['Product']);
  });

  it('keeps what filter, properties and compression ask for', async () => {
    await service.client.exports.start('filesystem', {
      id: 'part',
      include: ['Article'],
      filter: { op: 'lt', field: 'n', value: 10 },
      properties: ['n'],
      compression: 'none',
      strategy: 'ndjson-gz',
      read: 'two-pass',
      parallel: 1,
    });
    const { progress } = await service.client.exports.wait('filesystem', 'part');
    expect(progress['Article']?.objectsExported).toBe(10);
  });

  it('exports what changed since another export', async () => {
    const { exports } = service.client;
    await exports.start('filesystem', { id: 'full', include: ['Product'], layout: 'native' });
    await exports.wait('filesystem', 'full');
    await exports.start('filesystem', { id: 'more', include: ['Product'], since: 'full' });
    expect((await exports.wait('filesystem', 'more')).status).toBe('SUCCESS');
    await expect(exports.start('filesystem', { id: 'wrong', since: 'nothing' })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(exports.start('filesystem', { id: 'same', since: 'same' })).rejects.toMatchObject({ status: 400 });
  });

  it('answers the same request again with what became of it, and refuses another one of the same id', async () => {
    const { exports } = service.client;
    await exports.start('filesystem', { id: 'once', include: ['Product'] });
    const first = await exports.wait('filesystem', 'once');
    expect(await exports.start('filesystem', { include: ['Product'], id: 'once' })).toEqual(first);
    await expect(exports.start('filesystem', { id: 'once', include: ['Article'] })).rejects.toMatchObject({
      code: 'id-already-used',
      status: 409,
    });
  });
});

describe('GET /v1/export/{backend}', () => {
  it('lists in pages', async () => {
    const { exports } = service.client;
    for (const id of ['a', 'b', 'c']) await exports.start('filesystem', { id, include: ['Product'] });
    for (const id of ['a', 'b', 'c']) await exports.wait('filesystem', id);
    const first = await exports.list('filesystem', { limit: 2 });
    expect(first.exports.map(({ id }) => id)).toEqual(['a', 'b']);
    const second = await exports.list('filesystem', { limit: 2, after: first.next });
    expect(second.exports.map(({ id }) => id)).toEqual(['c']);
    expect(second.next).toBeUndefined();
    expect((await exports.list('filesystem', { status: 'FAILED' })).exports).toEqual([]);
    expect((await exports.list('filesystem', { status: 'SUCCESS' })).exports).toHaveLength(3);
    expect((await exports.list('s3')).exports).toEqual([]);
  });
});
