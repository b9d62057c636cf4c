import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type * as client from '@vecport/export-client';
import { removeTempFolders } from '@vecport/testkit';
import { pino } from 'pino';
import type * as service from '../src/index.js';
import {
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

let stores: MemoryStores;
let running: RunningService;
let log: string;

beforeEach(async () => {
  log = '';
  stores = await memoryStores({ Article: 5 });
  const write = (line: string): void => {
    log += line;
  };
  const logger = pino({ level: 'info' }, { write });
  running = await startService({ stores: stores.set, mount: '/deep/down', logger });
});

afterEach(async () => {
  await running.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

/** Whether two types are the same, in both directions. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

describe('the client', () => {
  it('has the types of the service', () => {
    const same: {
      readonly request: Same<client.ExportRequest, service.ExportRequestBody>;
      readonly choice: Same<client.ExportChoice, service.ExportChoice>;
      readonly status: Same<client.ExportStatus, service.ExportStatus>;
      readonly list: Same<client.ExportList, service.ExportList>;
      readonly query: Same<client.ListQuery, service.ListQuery>;
      readonly importRequest: Same<client.ImportRequest, service.ImportRequestBody>;
      readonly importStatus: Same<client.ImportStatus, service.ImportStatus>;
      readonly schedule: Same<client.ScheduleRequest, service.ScheduleRequestBody>;
      readonly scheduleStatus: Same<client.ScheduleStatus, service.ScheduleStatus>;
      readonly schedules: Same<client.ScheduleList, service.ScheduleList>;
      readonly problem: Same<client.Problem, service.Problem>;
      readonly cluster: Same<client.ClusterStatus, service.ClusterStatus>;
      readonly backend: Same<client.BackendName, service.BackendName>;
    } = {
      request: true,
      choice: true,
      status: true,
      list: true,
      query: true,
      importRequest: true,
      importStatus: true,
      schedule: true,
      scheduleStatus: true,
      schedules: true,
      problem: true,
      cluster: true,
      backend: true,
    };
    expect(Object.values(same)).not.toContain(false);
  });
});

describe('the OpenAPI document', () => {
  it('names what there is, with every reference resolved', async () => {
    const { json, status } = await request(`${running.url}/openapi.json`);
    expect(status).toBe(200);
    expect(json['openapi']).toBe('3.1.0');
    expect(json['servers']).toEqual([{ url: '/deep/down' }]);
    expect(Object.keys(json['paths'] as object)).toEqual([
      '/v1/export/{backend}',
      '/v1/export/{backend}/{id}',
      '/v1/export/{backend}/{id}/events',
      '/v1/import/{backend}/{id}',
      '/v1/import/{backend}/{id}/events',
      '/v1/schedules',
      '/v1/schedules/{id}',
      '/v1/cluster',
      '/metrics',
      '/healthz',
      '/readyz',
    ]);
    const text = JSON.stringify(json);
    const { schemas } = json['components'] as { readonly schemas: Readonly<Record<string, unknown>> };
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(referred.filter((name) => !(name in schemas))).toEqual([]);
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['ExportRequest', 'ExportStatus', 'Filter', 'Problem']),
    );
    expect(text).not.toContain('$defs');
    expect(schemas['Id']).toMatchObject({ type: 'string', pattern: '^[a-z0-9_-]{1,128}$' });
  });

  it('is shown by a page that loads nothing from elsewhere', async () => {
    const redirect = await request(`${running.url}/docs`);
    expect([redirect.status, redirect.headers.get('location')]).toEqual([308, '/deep/down/docs/']);
    const page = await request(`${running.url}/docs/`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links).toHaveLength(3);
    for (const link of links) {
      expect(link).toMatch(/^\.\//);
      expect((await request(new URL(link, `${running.url}/docs/`).href)).status).toBe(200);
    }
    expect((await request(`${running.url}/docs/package.json`)).status).toBe(404);
    expect((await request(`${running.url}/docs/..%2fpackage.json`)).status).toBe(404);
  });
});

describe('operations', () => {
  it('tells whether it lives, and whether jobs can be started', async () => {
    for (const path of ['healthz', 'readyz']) {
      expect((await request(`${running.url}/${path}`)).json).toEqual({ status: 'ok' });
    }
  });

  it('counts, without names of classes', async () => {
    await running.client.exports.start('filesystem', { id: 'a', include: ['Article'] });
    await running.client.exports.wait('filesystem', 'a');
    const { text, headers } = await request(`${running.url}/metrics`);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('vecport_jobs_ended_total{kind="export",backend="filesystem",status="SUCCESS"} 1');
    expect(text).toContain('vecport_objects_total{kind="export",backend="filesystem"} 5');
    expect(text).toContain('vecport_http_request_duration_seconds_count{operation="startExport",status="200"} 1');
    expect(text).toContain('vecport_jobs{kind="export",status="SUCCESS"} 1');
    expect(text).not.toContain('Article');
  });

  it('logs a line a request, with the id that the answer names, and no credential', async () => {
    const headers = { 'x-request-id': 'mine-1', authorization: 'Bearer vpk_0123456789abcdef_topsecret' };
    const answer = await request(`${running.url}/v1/schedules?token=abc`, { headers });
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
    const lines = log.split('\n').filter((line) => line.includes('GET /deep/down/v1/schedules 401'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId: 'mine-1' });
    expect(log).not.toMatch(/topsecret|abc"/);
    const forged = await request(`${running.url}/healthz`, { headers: { 'x-request-id': 'a b\tc' } });
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends the headers that keep browsers careful', async () => {
    const { headers } = await request(`${running.url}/v1/schedules`);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('leaves other paths to the application it is mounted in', async () => {
    const answer = await request(`${running.url}/elsewhere`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).not.toContain('problem');
  });
});
