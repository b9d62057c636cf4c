import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { removeTempFolders, serverAccess, serverUrl, tempFolder, testedServers } from '@vecport/testkit';

afterAll(removeTempFolders);

const RUNNING = { ready: true, pid: process.pid, storeUrl: 'elastic://127.0.0.1:9200' };

async function cacheWith(text: string): Promise<NodeJS.ProcessEnv> {
  const cache = await tempFolder();
  await mkdir(join(cache, 'state'));
  await writeFile(join(cache, 'state', 'milvus-2.3.json'), text);
  return { VECPORT_SERVERS_CACHE: cache };
}

function failure(name: string, env: NodeJS.ProcessEnv): VecportError {
  try {
    serverUrl(name, env);
  } catch (error) {
    if (error instanceof VecportError) return error;
  }
  throw new Error('serverUrl did not fail as it should.');
}

describe('serverUrl', () => {
  it('gives the URL of a server that runs', async () => {
    expect(serverUrl('milvus-2.3', await cacheWith(JSON.stringify(RUNNING)))).toBe(RUNNING.storeUrl);
  });

  it('takes the environment first', async () => {
    const env = { ...(await cacheWith('{')), VECPORT_TEST_SERVER_MILVUS_2_3: 'milvus://elsewhere:1' };
    expect(serverUrl('milvus-2.3', env)).toBe('milvus://elsewhere:1');
  });

  it('says how to start a server that is missing, still starting or gone', async () => {
    const empty = { VECPORT_SERVERS_CACHE: await tempFolder() };
    const starting = await cacheWith(JSON.stringify({ ...RUNNING, ready: false }));
    // Larger than any pid of Linux.
    const gone = await cacheWith(JSON.stringify({ ...RUNNING, pid: 2 ** 22 + 1 }));
    for (const env of [empty, starting, gone]) {
      const { code, advice } = failure('milvus-2.3', env);
      expect(code).toBe('not-found');
      expect(advice).toContain('npm run servers -- up milvus-2.3');
      expect(advice).toContain('VECPORT_TEST_SERVER_MILVUS_2_3');
    }
  });

  it.each(['{', '{"ready":true}', 'null'])('refuses a damaged state: %s', async (text) => {
    expect(failure('milvus-2.3', await cacheWith(text)).code).toBe('corrupt-data');
  });
});

describe('testedServers', () => {
  it('gives what was asked for, and everything when nothing was', () => {
    const names = ['elastic-9', 'elastic-8'] as const;
    expect(testedServers(names, {})).toEqual(names);
    expect(testedServers(names, { VECPORT_TEST_SERVERS: '' })).toEqual(names);
    expect(testedServers(names, { VECPORT_TEST_SERVERS: 'elastic-8,pgvector' })).toEqual(['elastic-8']);
    expect(testedServers(names, { VECPORT_TEST_SERVERS: 'pgvector' })).toEqual([]);
  });
});

describe('serverAccess', () => {
  it('gives what a client of a secured server has to know, and nothing of an open one', async () => {
    const extra = { username: 'somebody', password: 'secret' };
    expect(serverAccess('milvus-2.3', await cacheWith(JSON.stringify({ ...RUNNING, extra })))).toEqual(extra);
    expect(serverAccess('milvus-2.3', await cacheWith(JSON.stringify(RUNNING)))).toEqual({});
  });

  it('says how to start a server that is missing', async () => {
    const env = { VECPORT_SERVERS_CACHE: await tempFolder() };
    expect(() => serverAccess('elastic-9-secure', env)).toThrow('npm run servers -- up elastic-9-secure');
  });
});
