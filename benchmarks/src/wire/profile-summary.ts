import { readFile } from 'node:fs/promises';

/** Of a V8 profile, what is needed to add times up. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 12;
/** Functions of Node whose time is told by what they do. */
const NATIVE: Readonly<Record<string, string>> = {
  processChunkSync: 'compressing pages (zstd)',
  hash: 'SHA-256 of records',
  update: 'SHA-256 of files',
  crc32: 'checksums of pages',
};

/** Where the main thread's time went, the largest parts first, as one sentence. Waiting is left out. */
export async function profileSummary(path: string): Promise<string> {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(path, 'utf8')) as Profile;
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame.functionName, callFrame.url)]));
  const times = new Map<string, number>();
  samples.forEach((id, at) => {
    const part = parts.get(id) ?? '';
    if (part !== '(idle)') times.set(part, (times.get(part) ?? 0) + (timeDeltas[at] ?? 0));
  });
  const total = Array.from(times.values()).reduce((sum, time) => sum + time, 0);
  const largest = Array.from(times).toSorted(([, a], [, b]) => b - a);
  const shown = largest.slice(0, SHOWN).map(([part, time]) => `${part} ${((100 * time) / total).toFixed(0)} %`);
  return `Main thread of Vecport, from the start of the process, in a profile of one more run: ${shown.join(', ')}.`;
}

function partOf(name: string, url: string): string {
  if (name.startsWith('(')) return name;
  const module = /\/packages\/([\w-]+)\/dist\/(parquet\/)?/.exec(url);
  if (module !== null) return `packages/${module[1]}${module[2] === undefined ? '' : '/parquet'}`;
  if (url.includes('/node_modules/')) return 'other packages';
  if (url.includes('modules/') || url.includes('bootstrap/') || name === 'compileSourceTextModule')
    return 'loading modules';
  return (
    NATIVE[name] ?? (url.includes('http2') || url.includes('stream') ? 'HTTP and streams of Node' : 'the rest of Node')
  );
}
