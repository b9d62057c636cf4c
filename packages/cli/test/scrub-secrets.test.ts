import { describe, expect, it } from '@jest/globals';
import { createScrubber, secretsIn } from '../src/scrub-secrets.js';

const scrubWith = (args: readonly string[], env: Record<string, string> = {}): ((text: string) => string) =>
  createScrubber(secretsIn(args, env));

describe('texts that are shown', () => {
  it('do not hold the password of a URL that was typed, in any spelling', () => {
    const scrub = scrubWith(['export', '--from=pgvector://me:p%40ssword@host/db']);
    expect(scrub('authentication failed for p@ssword, p%40ssword')).toBe('authentication failed for ***, ***');
  });

  it('do not hold a password with characters in it that should have been encoded', () => {
    expect(scrubWith(['--from', 'pgvector://me:p@ss@word@host/db'])('tried p@ss@word')).toBe('tried ***');
    expect(scrubWith(['--from', 'pgvector://me:a/b?c@host/db'])('tried a/b?c')).toBe('tried ***');
  });

  it('do not hold secrets in the query of a URL, or any URL with a password', () => {
    const scrub = scrubWith(['--to', 'qdrant://host:6334/items?api_key=abcdef&tls=true']);
    expect(scrub('sent abcdef with tls=true')).toBe('sent *** with tls=true');
    expect(scrub("cannot reach 'https://you:other@host/x'")).toBe("cannot reach 'https://you:***@host/x'");
  });

  it('do not hold secrets of the environment', () => {
    const scrub = scrubWith([], { QDRANT_API_KEY: 'k-123456', PGPASSWORD: 'hunter2!', PATH: '/usr/bin' });
    expect(scrub('k-123456 hunter2! /usr/bin')).toBe('*** *** /usr/bin');
  });

  it('do not hold the password of a URL in the environment', () => {
    const scrub = scrubWith([], { VECPORT_STORE: 'pgvector://me:hunter2@host/db/t' });
    expect(scrub('no access for me with hunter2')).toBe('no access for me with ***');
  });

  it('keep words that stand in short variables', () => {
    expect(scrubWith([], { USE_KEY: 'true' })('this is true')).toBe('this is true');
  });

  it('keep letters that are the secret of a URL outside of it', () => {
    expect(scrubWith(['x://u:a@host'])('a bad answer of x://u:a@host')).toBe('a bad answer of x://u:***@host');
  });

  it('hide the longer of two secrets first', () => {
    expect(scrubWith([], { A_KEY: 'secret', B_KEY: 'secret-long' })('secret-long secret')).toBe('*** ***');
  });

  it('is quick about a text of ten million letters', () => {
    const scrub = createScrubber([]);
    // A search that begins anew at every letter would take hours.
    expect(scrub(`${'x'.repeat(10_000_000)} pg://u:hunter2@h`).slice(-13)).toBe('pg://u:***@h'.padStart(13));
  });
});
