import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { createApiKey, readApiKeys, removeApiKey, storeApiKey, watchApiKeys } from '../src/index.js';
import { memoryStores, type RunningService, request, startService } from './support/start-service.js';

let service: RunningService | undefined;

afterEach(async () => {
  await service?.close();
  service = undefined;
});
afterAll(removeTempFolders);

describe('API keys in a folder', () => {
  it('open and close a running service at once', async () => {
    const folder = await tempFolder();
    const { set } = await memoryStores({ Article: 1 });
    const errors: unknown[] = [];
    service = await startService({
      stores: set,
      keys: {},
      apiKeys: watchApiKeys(folder, (error) => errors.push(error)),
    });
    const { url } = service;
    const statusWith = async (key?: string): Promise<number> => {
      const headers = key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } };
      return (await request(`${url}/v1/export/filesystem`, headers)).status;
    };
    const first = createApiKey('first', [{ action: 'admin' }]);
    const second = createApiKey('second', [{ action: 'read' }]);
    expect([await statusWith(), await statusWith(first.key)]).toEqual([200, 401]);

    await storeApiKey(folder, first.record);
    expect([await statusWith(first.key), await statusWith(second.key), await statusWith()]).toEqual([200, 401, 401]);
    await storeApiKey(folder, second.record);
    expect(await statusWith(second.key)).toBe(200);

    expect(await removeApiKey(folder, 'first')).toEqual(first.record);
    expect([await statusWith(first.key), await statusWith(second.key)]).toEqual([401, 200]);

    // A file that an editor has spoiled locks nobody out, and lets nobody in.
    await writeFile(join(folder, 'keys.json'), '[{"id": ');
    expect([await statusWith(first.key), await statusWith(second.key)]).toEqual([401, 200]);
    expect(errors).toMatchObject([{ code: 'invalid-argument' }]);

    // Without keys it stays closed: a file that is gone opens nothing.
    await writeFile(join(folder, 'keys.json'), '[]');
    expect([await statusWith(second.key), await statusWith()]).toEqual([401, 401]);
  });

  it('are removed by name or id, one at a time', async () => {
    const folder = await tempFolder();
    const [one, two] = [
      createApiKey('ci', [{ action: 'read' }]).record,
      createApiKey('ci', [{ action: 'read' }]).record,
    ];
    await storeApiKey(folder, one);
    await storeApiKey(folder, two);
    await expect(removeApiKey(folder, 'ci')).rejects.toMatchObject({
      code: 'invalid-argument',
      advice: expect.stringContaining(one.id),
    });
    await expect(removeApiKey(folder, 'nobody')).rejects.toMatchObject({ code: 'not-found' });
    await removeApiKey(folder, one.id);
    expect(await readApiKeys(folder)).toEqual([two]);
    expect((await stat(join(folder, 'keys.json'))).mode & 0o077).toBe(0);
  });

  it('must be right when a service starts', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'keys.json'), '{}');
    expect(() => watchApiKeys(folder, () => {})).toThrow(/keys\.json is not right/);
  });
});
