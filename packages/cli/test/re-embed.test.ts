import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore, withStore } from './support/seed-store.js';

let cwd: string;
let server: Server;
let url: string;
const keys = new Set<string | undefined>();

const run = async (line: string, env: Record<string, string> = {}): Promise<RunResult> =>
  runHere(line.replaceAll('$', cwd).split(' '), { cwd, env });

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  keys.add(request.headers.authorization);
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { input } = JSON.parse(body) as { readonly input: readonly string[] };
  const data = input.map((text, index) => ({ index, embedding: [text.length, text === 'de' ? 1 : 2, 0.5] }));
  response.end(JSON.stringify({ data }));
}

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: 40, dimension: 4 }]);
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await removeTempFolders();
});

describe('--re-embed', () => {
  it.each([
    [
      'an export',
      'export --from lancedb:$/data#items --to $/out/new',
      'import --from $/out/new --to lancedb:$/exported',
    ],
    [
      'an import',
      'export --from lancedb:$/data#items --to $/out/old',
      'import --from $/out/old --to lancedb:$/imported',
    ],
    ['a migration', '', 'migrate --from lancedb:$/data#items --to lancedb:$/migrated'],
  ])('gives %s the vectors of another model', async (what, first, second) => {
    const env = { EMBEDDING_URL: url, EMBEDDING_API_KEY: 'key-of-the-test' };
    const flags = ' --re-embed small-model --text-field lang';
    if (first !== '') expect(await run(first + (what === 'an export' ? flags : ''), env)).toMatchObject({ code: 0 });
    expect(await run(`${second}${what === 'an export' ? '' : flags} --verify`, env)).toMatchObject({ code: 0 });
    const target = /lancedb:\$\/(exported|imported|migrated)/.exec(second)?.[1] ?? '';
    await withStore(join(cwd, target), async (store) => {
      const items = await store.repository('items');
      expect(await items.describe()).toMatchObject({
        embeddingModel: 'small-model',
        vectors: { default: { dimension: 3 } },
      });
      const { vectors } = await items.get(['id-3', 'id-4']);
      expect(vectors['default']).toMatchObject({ values: Float32Array.of(2, 1, 0.5, 2, 2, 0.5) });
    });
    expect([...keys]).toEqual(['Bearer key-of-the-test']);
  });

  it('needs a service and a text', async () => {
    const line = 'export --from lancedb:$/data#items --to $/out/none';
    expect(await run(`${line} --re-embed m --text-field lang`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('EMBEDDING_URL'),
    });
    expect(await run(`${line} --re-embed m`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--text-field'),
    });
    expect(await run(`${line} --text-field lang`)).toMatchObject({ code: 2 });
  });
});
