import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, startFakePinecone, startFakeQdrant, tempFolder } from '@vecport/testkit';
import { runHere } from './support/run-here.js';

/** Takes connections and never says anything. */
let silent: Server;
let silentAddress: string;
let cwd: string;

beforeAll(async () => {
  cwd = await tempFolder();
  silent = createServer(() => {});
  silentAddress = await new Promise((resolve) => {
    silent.listen(0, '127.0.0.1', () => {
      const address = silent.address();
      resolve(`127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    });
  });
});

afterAll(async () => {
  silent.close();
  silent.unref();
  await removeTempFolders();
});

interface Adapter {
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
  readonly collections: readonly { readonly name: string; readonly points?: number }[];
  readonly capabilities: readonly { readonly capability: string; readonly state: string }[];
}

async function report(env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, Adapter>>> {
  const { code, stdout } = await runHere(['report', '--json'], { cwd, env });
  expect(code).toBe(0);
  const { adapters } = JSON.parse(stdout) as { adapters: readonly Adapter[] };
  return Object.fromEntries(adapters.map((adapter) => [adapter.name, adapter]));
}

const ALL = ['elastic', 'lancedb', 'milvus', 'pgvector', 'pinecone', 'qdrant', 'weaviate'];

describe('the report of an application with every adapter', () => {
  it('names each, the unconfigured ones with what to set', async () => {
    const found = await report({});
    expect(Object.keys(found).toSorted()).toEqual(ALL);
    for (const name of ALL) {
      if (name === 'lancedb') continue;
      expect(found[name]).toMatchObject({
        state: 'unconfigured',
        reason: expect.stringMatching(/[A-Z]+_(URL|API_KEY)/),
      });
    }
    expect(found['lancedb']?.state).toBe('ready');
  });

  it('does not wait for servers that are not there, or never answer', async () => {
    for (const at of ['127.0.0.1:1', silentAddress]) {
      const found = await report({
        QDRANT_URL: `http://${at}`,
        ELASTICSEARCH_URL: `http://${at}`,
        WEAVIATE_URL: `http://${at}`,
        MILVUS_URL: `milvus://${at}`,
        PGVECTOR_URL: `pgvector://user:hidden@${at}/db`,
        PINECONE_API_KEY: 'hidden-key',
        PINECONE_HOST: `http://${at}`,
      });
      expect(JSON.stringify(found)).not.toContain('hidden');
      for (const name of ALL) {
        if (name === 'lancedb') continue;
        expect([name, found[name]?.state]).toEqual([name, 'unreachable']);
        expect(found[name]?.capabilities.map(({ state }) => state)).toEqual(['unknown', 'unknown']);
      }
    }
  }, 60_000);

  it('lists the collections of servers that are there, beside those that are not', async () => {
    const qdrant = await startFakeQdrant();
    const pinecone = await startFakePinecone();
    try {
      await fetch(`${qdrant.httpUrl}/collections/items`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ vectors: { size: 4, distance: 'Dot' } }),
      });
      const found = await report({
        QDRANT_URL: qdrant.httpUrl,
        QDRANT_GRPC_PORT: String(qdrant.grpcPort),
        PINECONE_API_KEY: pinecone.apiKey,
        PINECONE_HOST: pinecone.url,
        ELASTICSEARCH_URL: 'http://127.0.0.1:1',
      });
      expect(found['qdrant']).toMatchObject({
        state: 'ready',
        serverVersion: '1.18.3',
        collections: [{ name: 'items', points: 0 }],
        capabilities: [
          { capability: 'exportAll', state: 'present' },
          { capability: 'slices', state: 'present' },
        ],
      });
      expect(found['pinecone']?.state).toBe('ready');
      expect(found['elastic']?.state).toBe('unreachable');
    } finally {
      await Promise.all([qdrant.close(), pinecone.close()]);
    }
  }, 60_000);
});

describe('the default store', () => {
  const sourceOf = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const { stderr } = await runHere(['export', '--to', `${cwd}/out`], { cwd, env });
    return stderr;
  };

  it('is the one that is configured, and the embedded one where none is', async () => {
    expect(await sourceOf({ QDRANT_URL: 'http://127.0.0.1:1' })).toContain('qdrant');
    expect(await sourceOf({})).toContain('lancedb');
  }, 60_000);

  it('has to be said where several are configured', async () => {
    const env = { QDRANT_URL: 'http://127.0.0.1:1', ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
    expect(await sourceOf(env)).toMatch(/Several stores are configured: elastic, qdrant[\s\S]*VECPORT_STORE/);
  }, 60_000);
});
