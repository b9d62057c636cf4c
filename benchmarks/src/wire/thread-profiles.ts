import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of a V8 profile, what is needed to add times up. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Time that one function of one thread took itself, without those it calls. */
export interface SelfTime {
  readonly thread: string;
  /** Its name, and the package or module of Node it is of. */
  readonly what: string;
  readonly ms: number;
  /** Of all the time its thread was busy. */
  readonly share: number;
}

const SHOWN = 12;
/** What makes the points of a benchmark before anything is measured. */
const OWN = 'the benchmark itself';
/** Functions of Node whose time is told by what they do. */
const NATIVE: Readonly<Record<string, string>> = {
  processChunkSync: 'zstd of pages',
  hash: 'SHA-256 of records',
  update: 'SHA-256 of files',
  crc32: 'checksums of pages',
};

/**
 * What took longest in each thread, at most so many functions, from the profiles that `--cpu-prof` left in a folder. Waiting
 * is left out, and what a benchmark does itself.
 */
export async function threadProfiles(folder: string, most = SHOWN): Promise<readonly SelfTime[]> {
  // CPU.day.time.process.thread.number.cpuprofile; the main thread is 0.
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  const ordered = names.toSorted((a, b) => threadOf(a) - threadOf(b));
  const tables = await Promise.all(
    ordered.map(async (name) => largest(await readFile(join(folder, name), 'utf8'), threadName(name), most)),
  );
  return tables.flat();
}

function largest(text: string, thread: string, most: number): readonly SelfTime[] {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as Profile;
  const parts = new Map(
    nodes.map(({ id, callFrame }) => [id, partOf(callFrame.functionName || 'anonymous', callFrame.url)]),
  );
  const times = new Map<string, number>();
  samples.forEach((id, at) => {
    const part = parts.get(id) ?? '';
    if (part !== '(idle)' && part !== OWN) times.set(part, (times.get(part) ?? 0) + (timeDeltas[at] ?? 0) / 1000);
  });
  const total = Array.from(times.values()).reduce((sum, time) => sum + time, 0);
  return Array.from(times, ([what, ms]) => ({ thread, what, ms, share: ms / total }))
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, most);
}

function threadOf(name: string): number {
  return Number(name.split('.')[4]);
}

function threadName(name: string): string {
  return threadOf(name) === 0 ? 'main' : `files ${threadOf(name)}`;
}

function partOf(name: string, url: string): string {
  if (name.startsWith('(')) return name;
  const native = url.startsWith('node:') ? NATIVE[name] : undefined;
  if (native !== undefined) return native;
  if (url.includes('/benchmarks/dist/')) return OWN;
  const module = /\/packages\/([\w-]+)\/dist\//.exec(url)?.[1];
  if (module !== undefined) return `${name} (${module})`;
  if (url.includes('modules/') || url.includes('bootstrap/') || name === 'compileSourceTextModule')
    return 'loading modules';
  return url.startsWith('node:') ? `${name} (${url})` : name;
}
