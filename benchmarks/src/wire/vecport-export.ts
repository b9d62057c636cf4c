import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runScript, type Sample } from '../measure.js';

const ROOT = join(import.meta.dirname, '../../..');
const COMMAND = join(ROOT, 'packages/cli/dist/main.js');
const HOOK = join(ROOT, 'benchmarks/peers/report-at-exit.mjs');

/** One run of the command `vecport export`. */
interface CommandRun {
  readonly storeUrl: string;
  /** A folder that is not there yet. */
  readonly output: string;
  readonly args: readonly string[];
  /** Options of Node, e.g. for a profile. */
  readonly options: readonly string[];
}

/** Run the command as people do, from its first connection to its end; its rows and bytes are those of the manifest. */
export async function runVecportExport({ storeUrl, output, args, options }: CommandRun): Promise<Sample> {
  const used = `${output}.used.json`;
  await runScript({
    script: COMMAND,
    args: ['export', '--from', storeUrl, '--to', output, '--json', ...args],
    options: ['--import', HOOK, ...options],
    env: { VECPORT_BENCH_REPORT: used },
  });
  const sample = JSON.parse(await readFile(used, 'utf8')) as Omit<Sample, 'rows'>;
  const { collections } = JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8')) as {
    readonly collections: readonly { readonly parts: readonly { readonly rows: number; readonly bytes: number }[] }[];
  };
  const parts = collections.flatMap((collection) => collection.parts);
  return {
    ...sample,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
