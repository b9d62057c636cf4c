import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goalTable } from './goals.js';
import type { Measured } from './measure.js';
import { pairedRatio, renderTable } from './render-table.js';
import type { SelfTime } from './wire/thread-profiles.js';

/** A benchmark that was run: what is kept under `results`. */
export interface Result {
  readonly name: string;
  /** What was compared, one sentence. */
  readonly about: string;
  /** What has to be known to read the table, one sentence each. */
  readonly notes?: readonly string[] | undefined;
  /** Where the time of one run went, in each thread. */
  readonly profile?: readonly SelfTime[] | undefined;
  readonly measuredAt: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly measured: readonly Measured[];
}

const HEAD = `# Performance

Written by \`npm run bench -- --keep\`: no figure here is typed by hand. Each alternative runs in a process of its own, in turn,
several rounds; the figures are medians. Ratios compare with the first line of a table, point for point: each is the median of
the ratios within a round, and above 1 something takes longer than the first line. They are what to look at: rates
depend on the machine and on what else runs on it. CPU is user and system time of all threads, the peak is the
process's own largest resident memory.
`;

const GOALS = `## Goals of the fast path

Each is a ratio within one run, the median over its rounds, in times of what it is compared with. What is missed has its profile
in the section of its result, and a paragraph below.
`;

const WHY = `
**Beside a drain.** The page server answers from memory, so that a drain is a few system calls for each megabyte, less than
on a real server. Whatever an export does then counts several times. Seen by the processor's own counters (\`perf\`), no single
function is left that is large. On the main thread there are the answers' way through HTTP/2, printing payloads in an order of their
own and collecting garbage; in the thread of the files, the instructions for SHA-256 of records and files, and compressing; in
threads of V8, compiling the functions of both, about an eighth of a run as short as these. Digests and checksums are what a dataset
promises, so that they can be moved to another processor, as they are, but not left out.

**Beside Go.** A Go program decodes in as many threads as there are processors, begins without compiling anything, and computes
no digests and no checksum of files. On two processors, which the server shares, processor time is what decides, and of a
run as short as this one compiling is a large part.

**Parquet.** The libraries that are compared compress with the same zstd or, in WebAssembly, a slower one, which is half of all the
time or more in every line. What is left above it is checksums, collecting garbage, and a compressor made anew for each page, as Node
offers no other. Floats that are not split keep it busiest: it finds nothing in them but letters of unequal weight.

**Import into Elasticsearch.** The server bounds it: a shard works on documents in few threads, on the processors the client uses
too, and what it does with one after reading it is the same for both ways: keep it, index it, sync its log. So documents a second
differ by about as much as *server cpu* does, which the table has for both; base64 is the form it reads fastest.
`;

const PROVIDERS = `## Export per provider

Every provider holds the same 20,000 points of 384 dimensions with about 300 bytes of metadata, in a collection that was made
with its own client as its documentation shows. *Vecport: export* is what \`vecport export\` does: plan, zstd Parquet, digests,
manifest. The official clients write the points as lines of JSON. The *drain* asks again for what Vecport asked for, in the
same order and with as many requests under way, and drops the answers: no reader can be faster on those requests. What an
alternative wrote was read back and counted after every run. *Server cpu* is what the server's processes used meanwhile, and
*with server* the ratio of client and server together.
`;

const WIRE = `## Qdrant over the wire

A page server in a process of its own, on the same processors, answers as a Qdrant does, from memory. *Vecport* is the whole
command \`vecport export\`, from its first connection to its end: plan, reading, digests, Parquet with split floats and zstd,
files synced to disk, manifest. The *drain* takes the same pages and drops the bytes as they come. It is a lower bound, and a
far one: a page that is sent from memory in one piece costs a client less than a SHA-256 of it. Vecport hashes every record
three times and every file once, compresses, looks for identifiers that come twice and prints payloads in an order of their
own, which the drain and the programs it is compared with do not. What is left is said by the profile below each table.
The Go programs (\`benchmarks/peers/go-export\`) use Qdrant's own Go client, as many workers as processors and parquet-go with
zstd; they write plain floats, so their files are larger, and no digests.
`;

/** Write the page from all results in a folder. */
export async function writePerformancePage(results: string, page: string): Promise<void> {
  const names = (await readdir(results)).filter((name) => name.endsWith('.json')).toSorted();
  const all = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(results, name), 'utf8')) as Result),
  );
  const providers = all.filter(isOfProvider);
  const wire = all.filter(isOverWire);
  const others = all.filter((result) => !isOfProvider(result) && !isOverWire(result));
  const ofProviders = providers.length === 0 ? [] : [`${PROVIDERS}\n${overview(providers)}`, ...providers.map(section)];
  const overWire = wire.length === 0 ? [] : [WIRE, ...wire.map(section)];
  await writeFile(
    page,
    [HEAD, `${GOALS}\n${goalTable(all)}\n${WHY}`, ...ofProviders, ...overWire, ...others.map(section)].join('\n'),
  );
}

function isOfProvider({ name }: Result): boolean {
  return name.startsWith('provider-');
}

function isOverWire({ name }: Result): boolean {
  return name.startsWith('export-wire-') || name.startsWith('import-wire-');
}

/** How much longer each alternative takes than Vecport's export, by provider. */
function overview(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, measured }) => {
    const [first, ...rest] = measured;
    if (first === undefined) return [];
    return rest.map((row) => {
      const wall = pairedRatio(row, first, ({ wallMs, rows: points }) => wallMs / points);
      const cpu = pairedRatio(row, first, ({ cpuMs, rows: points }) => cpuMs / points);
      const memory = (row.peakRssMb / first.peakRssMb).toFixed(2);
      return `| ${name.replace('provider-', '')} | ${row.name} | ${wall} | ${cpu} | ${memory} |`;
    });
  });
  return `Times of Vecport's export, so 3.00 means three times as long:

| provider | alternative | wall time | client CPU | peak memory |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function section({ name, about, notes = [], profile = [], measuredAt, command, machine, measured }: Result): string {
  const where = Object.entries(machine)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  return `## ${name}

${about}

\`\`\`
${renderTable(measured)}
\`\`\`
${notes.map((note) => `\n- ${note}`).join('')}${notes.length > 0 ? '\n' : ''}${profileTable(profile, name.startsWith('export-wire-') ? ', paced,' : '')}
\`${command}\`, ${measured[0]?.samples.length ?? 0} rounds, ${measuredAt.slice(0, 10)}; ${where}
`;
}

/** Self time by thread and function, the largest first. */
function profileTable(profile: readonly SelfTime[], how: string): string {
  if (profile.length === 0) return '';
  const lines = profile.map(
    ({ thread, what, ms, share }) => `| ${thread} | ${what} | ${ms.toFixed(0)} | ${(share * 100).toFixed(0)} % |`,
  );
  return `
Self time of one more run of Vecport${how} with \`--cpu-prof\`: what took longest in each thread, waiting left out.

| thread | function | ms | of its thread |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}
