import { afterAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { adapterRoots } from '../src/host.js';
import { type RunResult, runHere } from './support/run-here.js';

const runIn = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
  runHere(args, { cwd: await tempFolder(), env });

afterAll(removeTempFolders);

describe('what was asked for on the command line', () => {
  it.each([
    ['--help'],
    ['help'],
    ['export --help'],
    ['import --help'],
    ['verify --help'],
    ['inspect --help'],
    ['download --help'],
    ['clean --help'],
    ['report --help'],
  ])('vecport %s prints help with the exit codes', async (line) => {
    const { code, stdout, stderr } = await runIn(line.split(' '));
    expect(code).toBe(0);
    expect(stdout).toContain('Exit codes:\n  0    done');
    expect(stderr).toBe('');
    if (line !== '--help' && line !== 'help') expect(stdout).toContain(`Examples:\n  vecport ${line.split(' ')[0]}`);
  });

  it('the version is that of the package', async () => {
    const { code, stdout } = await runIn(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('a wrong command line', () => {
  it.each([
    ['no command', '', 'Usage: vecport'],
    ['an unknown command', 'exprot', "vecport: unknown command 'exprot' (Did you mean export?)"],
    ['an unknown flag', 'export --form x', "vecport: unknown option '--form' (Did you mean --from?)"],
    ['a flag without its value', 'export --from', "option '--from <store-url>' argument missing"],
    ['an empty value', 'export --from=', 'must not be empty'],
    ['a count that is none', 'export --parallel two', 'whole number from 1 on'],
    ['an unknown choice', 'export --encoding split2', 'Allowed choices are split, plain'],
    ['a compression that there is not', 'export --compression lz4', "There is no compression 'lz4'"],
    ['a strategy that there is not', 'export --strategy parquet-huge', "There is no strategy 'parquet-huge'"],
    ['row groups of lines', 'export --strategy ndjson-gz --row-group-size 5', 'has no row groups'],
    ['a download from nowhere', 'download', 'No bucket is named'],
    ['a filter that is none', 'export --filter {"op":"is"}', 'filter.op must be one of'],
    ['too many arguments', 'inspect a b', 'too many arguments'],
    ['a missing argument', 'verify', "missing required argument 'dataset-url'"],
    ['a missing target', 'import --from x', "required option '--to <store-url>' not specified"],
    ['a replacing import without --force', 'import --from x --to lancedb:y --mode replace', 'Add --force'],
    ['an unknown dataset scheme', 'verify ftp://host/x', 'ftp:'],
    ['an unknown store scheme', 'export --from nosuch://x', "No adapter answers to the scheme 'nosuch:'"],
  ])('%s exits with 2 and says what is wrong', async (_case, line, message) => {
    const { code, stdout, stderr } = await runIn(line === '' ? [] : line.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('gives one JSON document with --json', async () => {
    const { code, stdout, stderr } = await runIn(['export', '--json', '--form', 'x']);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'usage',
        message: "unknown option '--form' (Did you mean --from?)",
        advice: 'See: vecport export --help',
      },
      exitCode: 2,
    });
  });

  it('never shows a secret', async () => {
    const { stderr } = await runIn(['export', '--from', 'nosuch://me:s3cret@host/x', '--parallel', 's3cret'], {
      SOME_API_KEY: 's3cret-key',
    });
    expect(stderr).not.toContain('s3cret');
    const other = await runIn(['export', '--from', 'nosuch://me:s3cret@host/x?api_key=k3y']);
    expect(other.code).toBe(2);
    expect(other.stderr).not.toMatch(/s3cret|k3y/);
  });

  it('shows where an error happened when asked', async () => {
    expect((await runIn(['export', '--from', 'nosuch://x', '--stack'])).stderr).toMatch(/VecportError: .*\n\s+at /);
    expect((await runIn(['export', '--from', 'nosuch://x'], { VECPORT_DEBUG: '1' })).stderr).toMatch(/\n\s+at /);
  });
});

describe('a program that was run', () => {
  it('leaves no listener for signals behind', async () => {
    const count = (): number => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const before = count();
    await runIn(['--help']);
    await runIn(['nosuch']);
    expect(count()).toBe(before);
  });
});

describe('where adapters are looked for', () => {
  it('is the package, and the folder it is installed in', () => {
    expect(adapterRoots('/work/packages/cli/')).toEqual(['/work/packages/cli/']);
    expect(adapterRoots('/app/node_modules/@vecport/cli/')).toEqual(['/app/node_modules/@vecport/cli/', '/app/']);
    expect(adapterRoots('/app/node_modules/.pnpm/x/node_modules/@vecport/cli/')[1]).toBe('/app/node_modules/.pnpm/x/');
  });
});
