import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../src/command-line.js';
import { readSettings } from '../src/settings.js';

describe('The command line', () => {
  it('serves on port 3000 or one of the next without arguments', () => {
    expect(parseCommandLine([])).toEqual({ help: false, once: false, port: 3000, attempts: 10 });
  });

  it('takes any free port for a single job', () => {
    expect(parseCommandLine(['--once'])).toMatchObject({ once: true, port: 0, attempts: 1 });
  });

  it('tries only the port that was asked for', () => {
    expect(parseCommandLine(['--port', '8080'])).toMatchObject({ port: 8080, attempts: 1 });
    expect(parseCommandLine(['--once', '--port=8080'])).toMatchObject({ once: true, port: 8080, attempts: 1 });
  });

  it.each([['--port', 'http'], ['--port', '65536'], ['--port', '-1'], ['--wrong'], ['extra']])(
    'refuses %s %s',
    (...args) => {
      expect(() => parseCommandLine(args)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );
});

describe('The settings', () => {
  it('keep everything in the data folder by default', () => {
    const { dataFolder, store, collection } = readSettings({ VECPORT_DATA: '/tmp/a b' });
    expect({ dataFolder, store, collection }).toEqual({
      dataFolder: '/tmp/a b',
      store: 'lancedb:/tmp/a%20b/vectors',
      collection: 'emoji',
    });
  });

  it('take the provider from one variable, and an empty variable for none', () => {
    expect(readSettings({ VECPORT_STORE: 'qdrant://localhost:6334/faces' }).store).toBe(
      'qdrant://localhost:6334/faces',
    );
    expect(readSettings({ VECPORT_STORE: '', LANCEDB_PATH: '/tmp/x' }).store).toBe('lancedb');
  });

  it('refuse an address of an embedding service that is none', () => {
    for (const url of ['localhost:11434', 'ftp://x', 'nonsense']) {
      expect(() => readSettings({ EMBEDDING_URL: url })).toThrow(/EMBEDDING_URL is no http/);
    }
    expect(readSettings({ EMBEDDING_URL: 'http://127.0.0.1:11434/v1' }).embeddingService?.url).toContain('11434');
  });

  it('refuse a log level there is not', () => {
    expect(() => readSettings({ LOG_LEVEL: 'loud' })).toThrow(/loud.*Use one of/);
  });
});
