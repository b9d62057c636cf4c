import { get } from 'node:http';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import type { Grant } from '../src/index.js';
import { type FakeRunner, fakeRunner } from './support/fake-runner.js';
import {
  type Answer,
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

/** Who asks. `nobody` has a key and no right, `stranger` no key, `guest` a wrong one. */
const GRANTS: Readonly<Record<string, readonly Grant[]>> = {
  nobody: [],
  reader: [{ action: 'read', collections: ['Article*'] }],
  manager: [{ action: 'manage', collections: ['Article*'] }],
  elsewhere: [{ action: 'manage', stores: ['other'] }],
  scraper: [{ action: 'metrics' }],
  admin: [{ action: 'admin' }],
};
const WHO = [...Object.keys(GRANTS), 'stranger', 'guest'] as const;

let stores: MemoryStores;
let runner: FakeRunner;
let service: RunningService;

beforeEach(async () => {
  stores = await memoryStores({ Article: 5, ArticleTag: 5, Secret: 5 });
  runner = fakeRunner();
  service = await startService({ stores: stores.set, runner, keys: GRANTS });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

const ask = async (who: string, method: string, path: string, body?: unknown): Promise<Answer> => {
  const key = who === 'guest' ? 'vpk_0123456789abcdef_wrong' : service.keys[who];
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return request(`${service.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
};

/** Exports of both kinds of classes, done; and one of each that runs. */
async function prepare(): Promise<void> {
  for (const [n, [id, name]] of (
    [
      ['open', 'Article'],
      ['closed', 'Secret'],
      ['open-runs', 'Article'],
      ['closed-runs', 'Secret'],
    ] as const
  ).entries()) {
    await ask('admin', 'POST', '/v1/export/filesystem', { id, include: [name] });
    const run = await runner.run(n);
    if (n < 2) {
      run.succeed();
      await service.clientOf('admin').exports.wait('filesystem', id);
    }
  }
  for (const [id, name] of [
    ['s-open', 'Article'],
    ['s-closed', 'Secret'],
  ]) {
    await ask('admin', 'POST', '/v1/schedules', {
      id,
      cron: '0 3 * * *',
      backend: 'filesystem',
      export: { include: [name] },
    });
  }
}

const FORBIDDEN: Readonly<Record<string, number>> = { stranger: 401, guest: 401 };

describe('roles × endpoints × classes', () => {
  const rows: readonly (readonly [string, string, string, unknown, Readonly<Record<string, number>>, number])[] = [
    // method, path, body, what each may; what all others get
    [
      'POST',
      '/v1/export/filesystem',
      'Article',
      { id: 'new', include: ['Article'] },
      { reader: 200, manager: 200, admin: 200 },
      403,
    ],
    ['POST', '/v1/export/filesystem', 'Secret', { id: 'new', include: ['Secret'] }, { admin: 200 }, 403],
    ['POST', '/v1/export/filesystem', 'both', { id: 'new', include: ['Article', 'Secret'] }, { admin: 200 }, 403],
    ['POST', '/v1/export/filesystem', 'all but', { id: 'new', exclude: ['Secret'] }, { admin: 200 }, 403],
    [
      'POST',
      '/v1/export/filesystem',
      'what may be read',
      { id: 'new' },
      { reader: 200, manager: 200, admin: 200 },
      403,
    ],
    ['GET', '/v1/export/filesystem/open', 'Article', undefined, { reader: 200, manager: 200, admin: 200 }, 404],
    ['GET', '/v1/export/filesystem/closed', 'Secret', undefined, { admin: 200 }, 404],
    ['GET', '/v1/export/filesystem/none', 'nothing', undefined, {}, 404],
    ['GET', '/v1/export/filesystem/open/events', 'Article', undefined, { reader: 200, manager: 200, admin: 200 }, 404],
    ['GET', '/v1/export/filesystem/closed/events', 'Secret', undefined, { admin: 200 }, 404],
    ['GET', '/v1/export/filesystem', 'all', undefined, {}, 200],
    ['DELETE', '/v1/export/filesystem/open-runs', 'Article', undefined, { reader: 403, manager: 200, admin: 200 }, 404],
    ['DELETE', '/v1/export/filesystem/closed-runs', 'Secret', undefined, { admin: 200 }, 404],
    ['DELETE', '/v1/export/filesystem/none', 'nothing', undefined, {}, 404],
    [
      'POST',
      '/v1/import/filesystem/none',
      'nothing',
      {},
      { nobody: 403, reader: 403, elsewhere: 403, scraper: 403 },
      404,
    ],
    ['POST', '/v1/import/filesystem/none', 'named', { include: ['Article'] }, { manager: 404, admin: 404 }, 403],
    ['GET', '/v1/import/filesystem/none', 'nothing', undefined, {}, 404],
    ['DELETE', '/v1/import/filesystem/none', 'nothing', undefined, {}, 404],
    ['GET', '/v1/import/filesystem/none/events', 'nothing', undefined, {}, 404],
    [
      'POST',
      '/v1/schedules',
      'Article',
      { id: 's', cron: '@daily', backend: 'filesystem', export: { include: ['Article'] } },
      { manager: 201, admin: 201 },
      403,
    ],
    [
      'POST',
      '/v1/schedules',
      'Secret',
      { id: 's', cron: '@daily', backend: 'filesystem', export: { include: ['Secret'] } },
      { admin: 201 },
      403,
    ],
    ['GET', '/v1/schedules/s-open', 'Article', undefined, { manager: 200, admin: 200 }, 404],
    ['GET', '/v1/schedules/s-closed', 'Secret', undefined, { admin: 200 }, 404],
    ['GET', '/v1/schedules', 'all', undefined, {}, 200],
    ['DELETE', '/v1/schedules/s-closed', 'Secret', undefined, { admin: 204 }, 404],
    ['GET', '/metrics', 'no class', undefined, { scraper: 200, admin: 200 }, 403],
    ['GET', '/healthz', 'no class', undefined, { stranger: 200, guest: 200 }, 200],
    ['GET', '/readyz', 'no class', undefined, { stranger: 200, guest: 200 }, 200],
    ['GET', '/openapi.json', 'no class', undefined, { stranger: 200, guest: 200 }, 200],
  ];

  it.each(rows)('%s %s (%s)', async (method, path, _about, body, allowed, others) => {
    await prepare();
    const found: Record<string, number> = {};
    const expected: Record<string, number> = {};
    for (const who of WHO) {
      // Ids are used once, and what one may cancel the next finds canceled.
      const own =
        typeof body === 'object' && body !== null && 'id' in body ? { ...body, id: `${String(body.id)}-${who}` } : body;
      expected[who] = allowed[who] ?? FORBIDDEN[who] ?? others;
      const answer = await ask(who, method, path, own);
      const canceledBefore = method === 'DELETE' && answer.status === 409 && expected[who] === 200;
      found[who] = canceledBefore ? 200 : answer.status;
    }
    expect(found).toEqual(expected);
  });

  it('lists what may be seen, and nothing else', async () => {
    await prepare();
    const seen = async (who: string): Promise<readonly string[]> => {
      const { exports } = await service.clientOf(who).exports.list('filesystem');
      const { schedules } = await service.clientOf(who).schedules.list();
      return [...exports, ...schedules].map(({ id }) => id);
    };
    expect(await seen('nobody')).toEqual([]);
    expect(await seen('elsewhere')).toEqual([]);
    expect(await seen('reader')).toEqual(['open', 'open-runs']);
    expect(await seen('manager')).toEqual(['open', 'open-runs', 's-open']);
    expect(await seen('admin')).toEqual(['closed', 'closed-runs', 'open', 'open-runs', 's-closed', 's-open']);
  });
});

describe('what is denied', () => {
  it.each([
    ['GET', '/v1/export/filesystem/closed', '/v1/export/filesystem/missed'],
    ['GET', '/v1/export/filesystem/closed/events', '/v1/export/filesystem/missed/events'],
    ['DELETE', '/v1/export/filesystem/closed-runs', '/v1/export/filesystem/missed-runs'],
    ['GET', '/v1/schedules/s-closed', '/v1/schedules/s-missed'],
    ['DELETE', '/v1/schedules/s-closed', '/v1/schedules/s-missed'],
  ])('%s %s is answered as if it were not there', async (method, there, absent) => {
    await prepare();
    const one = await ask('reader', method, there);
    const other = await ask('reader', method, absent);
    const plain = ({ status, text, headers }: Answer): unknown => [
      status,
      text.replaceAll(/closed|missed/g, 'x').replace(/"requestId":"[^"]+"/, ''),
      headers.get('content-type'),
    ];
    expect(plain(one)).toEqual(plain(other));
  });

  it('is in the audit log, with what is allowed, and without credentials', async () => {
    await prepare();
    await ask('reader', 'POST', '/v1/export/filesystem', { id: 'x', include: ['Secret'] });
    await ask('reader', 'POST', '/v1/export/filesystem', { id: 'y', include: ['Article'] });
    await ask('stranger', 'GET', '/v1/export/filesystem/open');
    expect(service.audit.slice(-3)).toMatchObject([
      {
        principal: 'key:reader',
        operation: 'startExport',
        target: 'export/filesystem/x',
        classes: ['Secret'],
        decision: 'denied',
        reason: 'READ is missing',
      },
      {
        principal: 'key:reader',
        operation: 'startExport',
        target: 'export/filesystem/y',
        store: 'main',
        classes: ['Article'],
        decision: 'allowed',
      },
      { principal: 'anonymous', operation: 'getExport', decision: 'denied' },
    ]);
    const log = JSON.stringify(service.audit);
    for (const key of Object.values(service.keys)) expect(log).not.toContain(key.slice(21));
  });
});

describe('without keys', () => {
  const post = async (headers: Record<string, string>): Promise<number> =>
    (
      await request(`${service.url}/v1/export/filesystem`, {
        method: 'POST',
        body: { id: 'a', include: ['Article'] },
        headers,
      })
    ).status;

  beforeEach(async () => {
    await service.close();
    service = await startService({ stores: stores.set, runner });
  });

  it('programs on this machine may do everything', async () => {
    expect(await post({})).toBe(200);
    expect((await request(`${service.url}/metrics`)).status).toBe(200);
  });

  it.each([
    ['through a proxy', { 'x-forwarded-for': '203.0.113.7' }],
    ['through a proxy', { forwarded: 'for=203.0.113.7' }],
    ['from a web page elsewhere', { origin: 'https://evil.example' }],
    ['from a web page elsewhere', { 'sec-fetch-site': 'cross-site' }],
    ['with a wrong key', { authorization: 'Bearer vpk_wrong' }],
  ])('nobody else: %s, %j', async (_about, headers) => {
    expect(await post(headers)).toBe(401);
  });

  it('nobody else: to a name that is rebound', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get(`${service.url}/v1/schedules`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).once('error', reject);
    });
    expect(status).toBe(401);
  });
});
