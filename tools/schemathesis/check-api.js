import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost } from '@vecport/core';
import {
  configuredStores,
  createApiKey,
  createExportService,
  filesystemBackend,
  openState,
} from '@vecport/export-service';
import { adapterModule, memoryAdapter, randomPoints } from '@vecport/testkit';
import express from 'express';

/*
 * Runs the service on a small store and has schemathesis send it generated requests, right ones and wrong ones: every
 * answer must be one that the OpenAPI document names, and of its schema. Needs Python 3.10 or newer.
 */
const LEAST_REQUESTS = 2000;
const MAX_EXAMPLES = process.env['VECPORT_API_EXAMPLES'] ?? '120';

const here = import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), 'vecport-api-'));
const schemathesis = join(folderWith(join(here, 'requirements.txt')), 'bin', 'schemathesis');
const host = await createHost({ discover: false, envFile: false, env: {}, modules: [adapterModule(memoryAdapter())] });
const stores = configuredStores(host.catalog, { main: 'memory:main', other: 'memory:other' });
await fill(await stores.open('main'));
const state = openState(join(work, 'state'));
const { key, record } = createApiKey('check', [{ action: 'admin' }]);
const service = createExportService({
  stores,
  state,
  backends: [filesystemBackend({ root: join(work, 'exports') })],
  auth: { keys: [record] },
  limits: { requestsPerMinute: 1_000_000, failuresPerMinute: 1_000_000, queued: 100_000 },
});
const counted = { requests: 0, statuses: new Map() };
const server = createServer(express().use(count).use(service.router)).listen(0, '127.0.0.1');
await once(server, 'listening');

try {
  const code = await run(`http://127.0.0.1:${server.address().port}`);
  const statuses = [...counted.statuses].toSorted(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
  console.log(`${counted.requests} requests; answers ${statuses.join(', ')}.`);
  if (code !== 0) process.exitCode = 1;
  if (counted.requests < LEAST_REQUESTS) {
    console.error(`At least ${LEAST_REQUESTS} requests were to be sent.`);
    process.exitCode = 1;
  }
} finally {
  await service.close();
  server.closeAllConnections();
  server.close();
  state.close();
  await host.close();
  rmSync(work, { recursive: true, force: true });
}

async function run(url) {
  const options = [
    '--phases',
    'examples,coverage,fuzzing,stateful',
    '--max-examples',
    MAX_EXAMPLES,
    '--workers',
    '1',
    '--seed',
    '1',
  ];
  const quiet = ['--suppress-health-check', 'all', '--no-color', '--header', `Authorization: Bearer ${key}`];
  const args = ['--config-file', join(here, 'schemathesis.toml'), 'run', `${url}/openapi.json`, ...options, ...quiet];
  const child = spawn(schemathesis, args, { cwd: work, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code;
}

function count(_request, response, next) {
  counted.requests++;
  response.once('close', () => {
    counted.statuses.set(response.statusCode, (counted.statuses.get(response.statusCode) ?? 0) + 1);
  });
  next();
}

async function fill(store) {
  for (const name of ['Article', 'Product']) {
    await store.create({
      name,
      vectors: { default: { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'cosine' } },
      idKinds: ['string'],
    });
    await (await store.repository(name)).upsertMany(randomPoints(1, 5, 4));
  }
}

/** A folder with the packages of a requirements file, kept in the cache folder under the file's hash. */
function folderWith(requirements) {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = process.env['VECPORT_CACHE'] ?? join(homedir(), '.cache', 'vecport');
  const folder = join(cache, `python-${hash}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const python = join(folder, 'bin', 'python');
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements], {
    stdio: 'inherit',
  });
  execFileSync(python, ['-c', `open(${JSON.stringify(join(folder, 'complete'))}, "w")`]);
  return folder;
}
