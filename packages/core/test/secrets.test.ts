import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { isVecportError, type VecportError } from '@vecport/abstractions';
import { createRepository } from '@vecport/core';
import { fakeAdapter, moduleOf } from './fakes/fake-adapter.js';
import { fakeDriver } from './fakes/fake-driver.js';
import { isolatedHost } from './fakes/isolated.js';

const SECRET = 'hunter22';
const CREDENTIALS = Buffer.from(`elastic:${SECRET}`).toString('base64');

/** What a call ends with when the provider's client throws `thrown`. */
async function errorFor(thrown: Error, secrets: readonly string[] = [SECRET]): Promise<VecportError> {
  const driver = fakeDriver({ count: async () => Promise.reject(thrown) });
  const error: unknown = await createRepository(driver, { provider: 'fake', collection: 'items' }, { secrets })
    .count()
    .catch((reason: unknown) => reason);
  if (!isVecportError(error)) throw new Error('It did not fail.');
  return error;
}

function withField(key: PropertyKey, attributes: PropertyDescriptor): Error {
  return Object.defineProperty(new Error('refused'), key, attributes);
}

describe('a secret in what a client throws', () => {
  it('is blotted out whole when another secret begins like it', async () => {
    const { reason } = await errorFor(new Error('key hunter22-and-more'), [SECRET, 'hunter22-and-more']);
    expect(reason).toBe('key ***.');
  });

  it('is blotted out of HTTP credentials', async () => {
    const { reason } = await errorFor(new Error(`sent Authorization: Basic ${CREDENTIALS}`));
    expect(reason).toBe('sent Authorization: Basic ***.');
  });

  it.each<[string, Error]>([
    ['deep inside', withField('a', { value: { b: { c: { d: { e: { f: { g: { h: { i: { j: SECRET } } } } } } } } } })],
    ['behind a long text', withField('body', { value: 'x'.repeat(20_000) + SECRET, enumerable: true })],
    ['behind many elements', withField('list', { value: [...Array.from({ length: 200 }, () => 'x'), SECRET] })],
    ['in a hidden field', withField('hidden', { value: SECRET, enumerable: false })],
    ['in a getter', withField('config', { get: () => ({ key: SECRET }), enumerable: true })],
    ['under a symbol', withField(Symbol('options'), { value: { key: SECRET } })],
    ['in bytes', withField('sent', { value: Buffer.from(`{"key":"${SECRET}"}`) })],
    ['in a map', withField('headers', { value: new Map([['authorization', SECRET]]) })],
    ['in headers', withField('headers', { value: new Headers({ authorization: SECRET }) })],
    ['in encoded credentials', withField('headers', { value: { authorization: `Basic ${CREDENTIALS}` } })],
    ['in a cause of its cause', new Error('refused', { cause: new AggregateError([new Error(SECRET)]) })],
  ])('takes the cause away: %s', async (_place, thrown) => {
    const { cause, reason } = await errorFor(thrown);
    expect(reason).toBe('refused.');
    expect(cause).not.toBe(thrown);
    expect(cause).toEqual(new Error('refused'));
  });

  it('leaves a cause that holds none as it was thrown', async () => {
    const thrown = Object.assign(new Error('refused'), { status: 500, itself: {} });
    thrown.itself = thrown;
    expect((await errorFor(thrown)).cause).toBe(thrown);
  });
});

describe('a secret in a setting or a URL', () => {
  it('is blotted out as it stands in JSON and in a URL', async () => {
    const password = 'a"b\\c/d é';
    const adapter = fakeAdapter({
      settings: [{ name: 'password', description: 'What.', secret: true, env: ['FAKE_PASSWORD'] }],
      open: async (settings) =>
        Promise.reject(new Error(`${JSON.stringify(settings)} ${encodeURIComponent(password)} ${password}`)),
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)], env: { FAKE_PASSWORD: password } });
    await expect(host.catalog.open('fake')).rejects.toMatchObject({ reason: '{"password":"***"} *** ***.' });
    await host.close();
  });

  it('is blotted out of a URL with an @ in the password or a short word for it', async () => {
    const adapter = fakeAdapter({
      parseUrl: (url) => ({ settings: { path: url } }),
      open: async ({ path }) => Promise.reject(new Error(path)),
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    for (const url of ['fake://user:hunt@er22@host/', 'fake://host/?pwd=hunter22']) {
      const error: unknown = await host.catalog.open(url).catch((reason: unknown) => reason);
      expect(inspect(error, { depth: 9 })).not.toMatch(/er22/);
      expect(error).toMatchObject({ message: expect.stringContaining('***') });
    }
    await host.close();
  });

  it('is not repeated for a URL without a scheme', async () => {
    const host = await isolatedHost({});
    await expect(host.catalog.open('//user:hunter22@host')).rejects.toThrow("'//user:***@host' is neither");
    await host.close();
  });
});
