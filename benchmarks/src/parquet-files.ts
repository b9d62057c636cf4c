import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { convertDataset, encodingOf, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { type Alternative, type Measured, runScript, type Sample, taskAlternative } from './measure.js';
import { profiledTask, profileScripts } from './profile-scripts.js';
import { VECPORT_SETTINGS } from './providers/export-with-vecport.js';
import { pairedRatio } from './render-table.js';
import { type Shape, strategySource } from './strategy-source.js';

/** The shapes that are measured: as many bytes of floats. */
export const PARQUET_SHAPES: readonly Shape[] = [
  { points: 32_000, dimension: 384 },
  { points: 8000, dimension: 1536 },
];

const PEERS = join(import.meta.dirname, '../peers');
const CACHE = join(homedir(), '.cache', 'vecport', 'peers');
const execute = promisify(execFile);
const PYARROW = 'pyarrow==26.0.1';
const WASM = ['parquet-wasm@0.8.0', 'apache-arrow@18.1.0'];

/** Work of one process: so often the same, in memory, in one thread. */
export interface ParquetWork extends Shape {
  /** A part in Parquet: of no compression to be written again, or one to be read. */
  readonly file: string;
  readonly vectors: 'plain' | 'split';
  readonly times: number;
}

/** Writing and reading a part beside pyarrow, and writing it beside parquet-wasm. */
export async function openParquetFiles(shape: Shape) {
  const source = await strategySource(shape);
  const files = { source: await firstPart(source), split: '', plain: '' };
  for (const vectors of ['split', 'plain'] as const) files[vectors] = await converted(source, vectors);
  const python = await pythonWith(PYARROW);
  const wasm = await packagesOf(WASM);
  const work = (file: string, vectors: 'plain' | 'split'): string =>
    JSON.stringify({ file, vectors, ...shape, times: 20 } satisfies ParquetWork);
  const pyarrow = (name: string, task: string, argument: string): Alternative => ({
    name,
    run: async () => sampleOf((await execute(python, [join(PEERS, 'parquet_pyarrow.py'), task, argument])).stdout),
  });
  const alternatives = (['split', 'plain'] as const).flatMap((vectors): Alternative[] => [
    taskAlternative(`write ${vectors}: Vecport`, 'parquet-write', work(files.source, vectors), VECPORT_SETTINGS),
    pyarrow(`write ${vectors}: pyarrow`, 'write', work(files.source, vectors)),
    {
      name: `write ${vectors}: parquet-wasm`,
      run: async () =>
        sampleOf(
          await runScript({ script: join(PEERS, 'parquet-wasm.mjs'), args: [wasm, work(files.source, vectors)] }),
        ),
    },
    taskAlternative(`read ${vectors}: Vecport`, 'parquet-read', work(files[vectors], vectors), VECPORT_SETTINGS),
    pyarrow(`read ${vectors}: pyarrow`, 'read', work(files[vectors], vectors)),
  ]);
  return {
    about:
      `${shape.points.toLocaleString('en')} points of ${shape.dimension} dimensions as one Parquet file, 20 times, from memory and to memory in one ` +
      'thread: zstd 1, pages of 1 MiB with checksums, which are verified, the same rows in a row group. Without digests and disk.',
    alternatives,
    profile: async () =>
      profileScripts(
        (['split', 'plain'] as const).flatMap((vectors) => [
          profiledTask(`write ${vectors}`, 'parquet-write', work(files.source, vectors), VECPORT_SETTINGS),
          profiledTask(`read ${vectors}`, 'parquet-read', work(files[vectors], vectors), VECPORT_SETTINGS),
        ]),
        5,
      ),
    conclude: cpuRatios,
  };
}

/** CPU time of the others, in times of ours on the same work. */
function cpuRatios(measured: readonly Measured[]): readonly string[] {
  return measured.flatMap((row) => {
    const [work = '', tool] = row.name.split(': ');
    const own = measured.find(({ name }) => name === `${work}: Vecport`);
    if (own === undefined || tool === 'Vecport') return [];
    const ratio = pairedRatio(row, own, ({ cpuMs, rows }) => cpuMs / rows);
    return [`${work}: ${tool} takes ${ratio} times the CPU time of Vecport.`];
  });
}

function sampleOf(output: string): Sample {
  return JSON.parse(output) as Sample;
}

async function firstPart(folder: string): Promise<string> {
  const dataset = await openDataset(localStorage(folder));
  return join(folder, dataset.collection().parts[0]?.path ?? '');
}

async function converted(source: string, vectors: 'plain' | 'split'): Promise<string> {
  const folder = `${source}-${vectors}`;
  if (!existsSync(folder)) {
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    const dataset = await openDataset(localStorage(source));
    await convertDataset(dataset, { encoding: encodingOf(undefined, { vectors }), storage: localStorage(partial) });
    await rename(partial, folder);
  }
  return firstPart(folder);
}

/** A Python with a package, installed with pip into a cache outside the repository when it is not there. */
async function pythonWith(requirement: string): Promise<string> {
  const folder = join(CACHE, `python-${requirement}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return python;
  process.stderr.write(`installing ${requirement} into ${folder}\n`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await writeFile(join(folder, 'complete'), '');
  return python;
}

/** A folder with packages from npm, in a cache outside the repository. */
async function packagesOf(packages: readonly string[]): Promise<string> {
  const folder = join(CACHE, packages.join('+'));
  if (existsSync(folder)) return folder;
  process.stderr.write(`installing ${packages.join(' and ')} into ${folder}\n`);
  const partial = `${folder}.incomplete`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  execFileSync('npm', ['install', '--prefix', partial, ...packages], { stdio: ['ignore', 'ignore', 'inherit'] });
  await rename(partial, folder);
  return folder;
}
