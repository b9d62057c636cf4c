import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { fakeRunner } from './support/fake-runner.js';
import {
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

const AUDIENCE = 'vecport';

let stores: MemoryStores;
let service: RunningService;
let issuer: Server;
let issuerUrl: string;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeEach(async () => {
  keys = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  issuer = createServer((incoming, response) => {
    const answers: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: issuerUrl, jwks_uri: `${issuerUrl}/jwks` },
      '/jwks': { keys: [jwk] },
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[incoming.url ?? '']));
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  stores = await memoryStores({ Article: 5, Secret: 5 });
  service = await startService({
    stores: stores.set,
    runner: fakeRunner(),
    auth: {
      oidc: [
        {
          issuer: issuerUrl,
          audience: AUDIENCE,
          rolesClaim: 'realm_access.roles',
          roles: { analyst: [{ action: 'read', collections: ['Article'] }] },
        },
      ],
    },
  });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
  issuer.close();
  issuer.closeAllConnections();
});

afterAll(removeTempFolders);

interface TokenParts {
  readonly claims?: JWTPayload;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number;
}

const signed = ({ claims, issuer: by = issuerUrl, audience = AUDIENCE, expires = '5m' }: TokenParts = {}): SignJWT =>
  new SignJWT({ realm_access: { roles: ['analyst', 'unknown'] }, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setSubject('ada')
    .setIssuer(by)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires);

const ask = async (token: string, name: string): Promise<number> =>
  (
    await request(`${service.url}/v1/export/filesystem`, {
      method: 'POST',
      body: { id: 'a', include: [name] },
      headers: { authorization: `Bearer ${token}` },
    })
  ).status;

describe('tokens of an issuer', () => {
  it('allow what their roles do', async () => {
    const token = await signed().sign(keys.privateKey);
    expect(await ask(token, 'Secret')).toBe(403);
    expect(await ask(token, 'Article')).toBe(200);
    expect(service.audit.map(({ principal }) => principal)).toEqual(['oidc:ada', 'oidc:ada']);
    expect(JSON.stringify(service.audit)).not.toContain(token);
  });

  it.each<[string, TokenParts]>([
    ['another audience', { audience: 'somebody' }],
    ['another issuer', { issuer: 'https://evil.example' }],
    ['a time that is over', { expires: 1 }],
  ])('are refused for %s', async (_about, parts) => {
    expect(await ask(await signed(parts).sign(keys.privateKey), 'Article')).toBe(401);
  });

  it('are refused when another key signed them, or none', async () => {
    const other = await generateKeyPair('ES256');
    expect(await ask(await signed().sign(other.privateKey), 'Article')).toBe(401);
    const [, payload] = (await signed().sign(keys.privateKey)).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect(await ask(`${none}.${payload}.`, 'Article')).toBe(401);
    const symmetric = await new SignJWT({ realm_access: { roles: ['analyst'] } })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setSubject('ada')
      .setIssuer(issuerUrl)
      .setAudience(AUDIENCE)
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode('a secret that is long enough for it'));
    expect(await ask(symmetric, 'Article')).toBe(401);
    expect(await ask('not.a.token', 'Article')).toBe(401);
  });

  it('without a role allow nothing, and cannot name a right that every object has', async () => {
    const token = signed({ claims: { realm_access: { roles: ['constructor', '__proto__'] } } });
    expect(await ask(await token.sign(keys.privateKey), 'Article')).toBe(403);
  });

  it('cannot be checked while their issuer is gone, which is told as such', async () => {
    const token = await signed().sign(keys.privateKey);
    issuer.close();
    issuer.closeAllConnections();
    await once(issuer, 'close');
    const answer = await request(`${service.url}/v1/export/filesystem`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer).toMatchObject({ status: 503, json: { code: 'issuer-not-available' } });
    expect(answer.headers.get('retry-after')).toBe('10');
    expect(answer.text).not.toContain(issuerUrl);
  });

  it('of others make nobody ask for keys', async () => {
    let asked = 0;
    issuer.on('request', () => {
      asked++;
    });
    expect(await ask(await signed({ issuer: 'https://evil.example' }).sign(keys.privateKey), 'Article')).toBe(401);
    expect(await ask('not.a.token', 'Article')).toBe(401);
    expect(asked).toBe(0);
  });
});
