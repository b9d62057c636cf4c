import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdapterDefinition, VecportError } from '@vecport/abstractions';
import { readEnvFiles, resolveSettings, type SettingInputs } from '@vecport/core';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { fakeAdapter } from './fakes/fake-adapter.js';

const adapter: AdapterDefinition = fakeAdapter({
  settings: [{ name: 'url', description: 'Where.', env: ['FAKE_URL', 'FAKE_HOST'], default: 'default' }],
});

const sources: readonly [string, SettingInputs][] = [
  ['option', { explicit: { url: 'explicit' } }],
  ['url', { url: { url: 'from-url' } }],
  ['option', { registered: { url: 'registered' } }],
  ['environment FAKE_URL', { env: { FAKE_URL: 'env' } }],
  ['.env file (../.env)', { envFile: new Map([['FAKE_URL', { value: 'file', file: '../.env' }]]) }],
  ['default', {}],
];

describe('resolveSettings', () => {
  it.each(sources.map(([source], i) => ({ source, i })))(
    'takes $source (place $i) before all that follow',
    ({ source, i }) => {
      const inputs = Object.assign({}, ...sources.slice(i).map(([, input]) => input)) as SettingInputs;
      const value = ['explicit', 'from-url', 'registered', 'env', 'file', 'default'][i];
      expect(resolveSettings(adapter, inputs)).toEqual({ url: { value, source } });
    },
  );

  it('takes the first variable that is set, and the environment before a file', () => {
    expect(resolveSettings(adapter, { env: { FAKE_URL: '', FAKE_HOST: 'second' } })['url']).toEqual({
      value: 'second',
      source: 'environment FAKE_HOST',
    });
    const envFile = new Map([['FAKE_URL', { value: 'file', file: '.env' }]]);
    expect(resolveSettings(adapter, { env: { FAKE_HOST: 'env' }, envFile })['url']?.value).toBe('env');
  });

  it('takes an option that is undefined as not given', () => {
    expect(resolveSettings(adapter, { explicit: { url: undefined } })['url']?.source).toBe('default');
  });

  it('names the variables of a required setting that has no value', () => {
    const strict = fakeAdapter({
      name: 'strict',
      settings: [{ name: 'url', description: 'Where.', env: ['STRICT_URL', 'STRICT_HOST'], required: true }],
    });
    expect(() => resolveSettings(strict, { env: { STRICT_URL: '' } })).toThrow(VecportError);
    expect(() => resolveSettings(strict)).toThrow(/\[strict\].*'url'.*STRICT_URL or STRICT_HOST/);
  });

  it('refuses a setting the adapter does not have', () => {
    expect(() => resolveSettings(adapter, { explicit: { ulr: 'x' } })).toThrow(/no setting 'ulr'.*has: url/);
    expect(() => resolveSettings(adapter, { url: { port: 'x' } })).toThrow(/no setting 'port'/);
  });
});

describe('readEnvFiles', () => {
  let top: string;
  beforeEach(async () => {
    top = await tempFolder();
  });
  afterEach(removeTempFolders);

  it('reads the root and three folders above it, the nearest first', async () => {
    const root = join(top, 'b', 'c', 'd');
    await mkdir(root, { recursive: true });
    await writeFile(join(root, '.env'), 'NEAR=root\nQUOTED="a b"\n');
    await writeFile(join(top, 'b', '.env'), 'NEAR=b\nTWO_UP=b\n');
    await writeFile(join(top, '.env'), 'TWO_UP=top\nTHREE_UP=top\n');
    const found = await readEnvFiles(root);
    expect(Object.fromEntries(found)).toMatchObject({
      NEAR: { value: 'root', file: '.env' },
      QUOTED: { value: 'a b', file: '.env' },
      TWO_UP: { value: 'b', file: '../../.env' },
      THREE_UP: { value: 'top', file: '../../../.env' },
    });
    expect((await readEnvFiles(join(root, 'e'))).has('THREE_UP')).toBe(false);
    expect(process.env['NEAR']).toBeUndefined();
  });

  it('takes a folder called .env for no file', async () => {
    await mkdir(join(top, '.env'));
    expect((await readEnvFiles(top)).get('NEAR')).toBeUndefined();
  });
});
