import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sample } from '../measure.js';

const SOURCE = join(import.meta.dirname, '../../peers/go-export');

/** How the program of `peers/go-export` reads: ids first and then their points, or ranges of ids side by side. */
export type GoMode = 'scroll' | 'two-pass';

/** Whether this machine has Go. */
export function hasGo(): boolean {
  return spawnSync('go', ['version']).status === 0;
}

/** The program, built into a cache outside the repository when its source is not there yet. Needs Go. */
export async function builtGoExport(): Promise<string> {
  const files = (await readdir(SOURCE)).toSorted();
  const digest = createHash('sha256');
  for (const file of files) digest.update(await readFile(join(SOURCE, file)));
  const folder = join(homedir(), '.cache', 'vecport', 'peers');
  const program = join(folder, `go-export-${digest.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  process.stderr.write(`building ${program}\n`);
  await mkdir(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  await promisify(execFile)('go', ['build', '-mod=readonly', '-trimpath', '-o', unfinished, '.'], { cwd: SOURCE });
  await rename(unfinished, program);
  return program;
}

/** Export once; what it says it used. @throws Error when it fails. */
export async function runGoExport(program: string, { mode, port, collection, output }: GoRun): Promise<Sample> {
  const args = ['-mode', mode, '-port', String(port), '-collection', collection, '-output', output];
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout) as Sample;
}

interface GoRun {
  readonly mode: GoMode;
  readonly port: number;
  readonly collection: string;
  readonly output: string;
}
