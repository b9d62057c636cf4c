import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../clients/client.js';
import { runScript, type Sample } from '../measure.js';

const VERSION = '6.125.1';
const HOOK = join(import.meta.dirname, '../../peers/report-at-exit.mjs');

/** Ways to run elasticdump, by what they are called in the tables. */
export const ELASTICDUMP_WAYS: Readonly<Record<string, readonly string[]>> = {
  'elasticdump as people run it': [],
  'elasticdump, vectors asked for, 1000 a page': [
    '--limit=1000',
    `--searchBody=${JSON.stringify({ query: { match_all: {} }, _source: { exclude_vectors: false } })}`,
  ],
};

/** The folder of elasticdump, installed from the registry of npm into a cache outside the repository when it is not there. */
export async function installedElasticdump(): Promise<string> {
  const folder = join(homedir(), '.cache', 'vecport', 'peers', `elasticdump-${VERSION}`);
  const program = join(folder, 'node_modules', 'elasticdump', 'bin', 'elasticdump');
  if (existsSync(program)) return program;
  process.stderr.write(`installing elasticdump ${VERSION} into ${folder}\n`);
  const partial = `${folder}.incomplete`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  execFileSync('npm', ['install', '--prefix', partial, `elasticdump@${VERSION}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return program;
}

/** Run it once, into `points.json` of the folder. The rows are counted by who checks the file. */
export async function runElasticdump(
  program: string,
  { host, ports, collection }: Place,
  options: readonly string[],
  { folder, rows }: { readonly folder: string; readonly rows: number },
): Promise<Sample> {
  const output = join(folder, 'points.json');
  const used = join(folder, 'used');
  const input = `--input=http://${host}:${ports['http']}/${collection}`;
  await runScript({
    script: program,
    args: [input, `--output=${output}`, '--type=data', ...options],
    options: ['--import', HOOK],
    env: { VECPORT_BENCH_REPORT: used },
  });
  const sample = JSON.parse(await readFile(used, 'utf8')) as Omit<Sample, 'rows'>;
  return { ...sample, rows, bytes: (await stat(output)).size };
}
