import { describe, expect, it } from '@jest/globals';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { adapter, milvus } from '@vecport/adapter-milvus';
import { Container } from 'inversify';

describe('the module', () => {
  it('registers the adapter with its settings as text, and opens nothing', () => {
    const container = new Container();
    container.load(milvus({ url: 'milvus://db', load: false, timeout: 5000, token: 'key' }));
    const registration = container.get<AdapterRegistration>(ADAPTER);
    expect(registration.adapter).toBe(adapter);
    expect(registration.settings).toMatchObject({ url: 'milvus://db', load: 'false', timeout: '5000', token: 'key' });
  });

  it('declares its secrets', () => {
    expect(adapter.settings.filter(({ secret }) => secret === true).map(({ name }) => name)).toEqual(['token']);
  });
});
