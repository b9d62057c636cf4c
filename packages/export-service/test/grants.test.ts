import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createApiKey, principalOfKey } from '../src/auth/api-keys.js';
import { fits, mayUse, mayUseAll, mayUseSome } from '../src/auth/grants.js';

describe('fits', () => {
  it('is what the regular expression says', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    fc.assert(
      fc.property(letters, text, (pattern, name) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
        expect(fits(pattern, name)).toBe(new RegExp(`^${source}$`, 's').test(name));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('rights', () => {
  const somebody = { grants: [{ action: 'manage', collections: ['Art*'], stores: ['main'] }] } as const;

  it('hold for the classes, the stores and the actions they name, and those these imply', () => {
    expect(mayUse(somebody, 'manage', 'main', 'Article')).toBe(true);
    expect(mayUse(somebody, 'read', 'main', 'Article')).toBe(true);
    expect(mayUse(somebody, 'admin', 'main', 'Article')).toBe(false);
    expect(mayUse(somebody, 'metrics', 'main', 'Article')).toBe(false);
    expect(mayUse(somebody, 'read', 'other', 'Article')).toBe(false);
    expect(mayUse(somebody, 'read', 'main', 'Product')).toBe(false);
    expect(mayUseSome(somebody, 'read', 'main')).toBe(true);
    expect(mayUseSome(somebody, 'read', 'other')).toBe(false);
    expect(mayUseAll(somebody, 'read')).toBe(false);
    expect(mayUseAll({ grants: [{ action: 'admin' }] }, 'manage')).toBe(true);
  });
});

describe('API keys', () => {
  it('are known by their hash until they expire', () => {
    const { key, record } = createApiKey('ci', [{ action: 'read' }], '2026-01-01T00:00:00Z');
    expect(key).toMatch(/^vpk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(record)).not.toContain(key.slice(21));
    const before = Date.parse('2025-12-31T00:00:00Z');
    expect(principalOfKey(key, [record], before)).toEqual({ name: 'key:ci', grants: [{ action: 'read' }] });
    expect(principalOfKey(key, [record], Date.parse('2026-01-01T00:00:00Z'))).toBeUndefined();
    expect(principalOfKey(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`, [record], before)).toBeUndefined();
    expect(principalOfKey(key, [], before)).toBeUndefined();
    expect(principalOfKey('vpk_', [record], before)).toBeUndefined();
  });
});
