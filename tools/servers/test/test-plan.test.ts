import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { planTests } from '../test-plan.js';

const FILES = {
  'packages/a/test/both.server.test.ts': "for (const name of ['elastic-9', 'elastic-8']) serverUrl(name);",
  'packages/a/test/some.server.test.ts': "testedServers(['elastic-9', 'pgvector'])",
  'packages/b/test/far.server.test.ts': "import { open } from './support/open.js';",
  'packages/b/test/support/open.ts': "import './far.js'; serverUrl('pgvector');",
  'packages/b/test/plain.test.ts': "'elastic-9'",
  'tools/c/test/none.server.test.ts': '',
};
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vecport-test-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});

afterAll(async () => rm(root, { recursive: true }));

describe('planTests', () => {
  it('runs everything on all servers when nothing is asked for', () => {
    const { files, servers, skipped } = planTests(root, []);
    expect(files).toEqual(Object.keys(FILES).filter((path) => path.endsWith('.server.test.ts')));
    expect(servers).toEqual(expect.arrayContaining(['elastic-9', 'pgvector', 'milvus-2.3']));
    expect(skipped).toEqual([]);
  });

  it('brings up what a chosen file needs besides, and tells what is skipped', () => {
    const { files, servers, skipped } = planTests(root, ['elastic-9']);
    expect(files).toEqual([
      'packages/a/test/both.server.test.ts',
      'packages/a/test/some.server.test.ts',
      'tools/c/test/none.server.test.ts',
    ]);
    expect(servers).toEqual(['elastic-9', 'elastic-8']);
    expect(skipped).toContain('packages/b/test/far.server.test.ts: needs pgvector');
    expect(skipped.some((line) => line.startsWith('pgvector: '))).toBe(true);
    expect(skipped.some((line) => line.startsWith('elastic-8: '))).toBe(false);
  });

  it('sees what a file imports from beside it', () => {
    const { files, servers } = planTests(root, ['pgvector']);
    expect(files).toContain('packages/b/test/far.server.test.ts');
    expect(files).not.toContain('packages/a/test/both.server.test.ts');
    expect(servers).toEqual(['pgvector']);
  });
});
