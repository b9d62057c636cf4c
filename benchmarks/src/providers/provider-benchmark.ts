import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '../clients/client.js';
import { clientOf } from '../clients/clients.js';
import { type Alternative, runScript, type Sample } from '../measure.js';
import { checkOutput, type Output } from './check-output.js';
import { collectExport } from './collect-export.js';
import { ELASTICDUMP_WAYS, installedElasticdump, runElasticdump } from './elasticdump.js';
import { VECPORT_ENV } from './export-with-vecport.js';
import { POINTS } from './points.js';
import { groupCpuMs } from './servers.js';
import { openTarget, type Target } from './targets.js';
import type { TaskArgument } from './task.js';

const TASK = join(import.meta.dirname, 'task.js');

/** A provider, filled: what is measured of it, and what the outputs were found to lack. */
export interface ProviderBenchmark {
  readonly about: string;
  readonly alternatives: readonly Alternative[];
  /** Sentences, complete after the rounds. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** How alternatives are run. */
export interface ProviderOptions {
  /** Folder for a profile of each process that is measured; none are made if not said. */
  readonly profiles?: string | undefined;
}

/** Fill a provider's store with the points of the benchmark and tell what can be measured. Close it to remove them. */
export async function openProvider(name: string, options: ProviderOptions): Promise<ProviderBenchmark> {
  const target = await openTarget(name);
  const work = await mkdtemp(join(tmpdir(), 'vecport-bench-'));
  const notes: string[] = [];
  const bench: Bench = { target, work, notes, options };
  const places = [target.place, ...variantPlaces(target)];
  const close = async (): Promise<void> => {
    for (const place of places) await runTask(bench, 'drop', { place });
    await target.close();
    await rm(work, { recursive: true, force: true });
  };
  try {
    process.stderr.write(`filling ${name}\n`);
    for (const place of places) {
      await runTask(bench, 'drop', { place });
      await runTask(bench, 'fill', { place });
    }
    return { about: target.about, alternatives: await alternativesOf(bench), notes, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

interface Bench {
  readonly target: Target;
  readonly work: string;
  readonly notes: string[];
  readonly options: ProviderOptions;
}

async function alternativesOf(bench: Bench): Promise<readonly Alternative[]> {
  const { place } = bench.target;
  const client = await clientOf(place.client);
  return [
    vecport(bench, 'Vecport: export to Parquet', 'export', place),
    vecport(bench, 'Vecport: read into columns', 'read', place),
    ...variantsOf(bench),
    ...Object.keys(client.exports).map((name) =>
      written(bench, name, async (folder) => runTask(bench, 'plain', { folder, client: name }, {}, name)),
    ),
    ...(await peersOf(bench)),
    await drain(bench),
  ];
}

/** Other collections of a provider that Vecport reads in another way, to be filled too. */
function variantPlaces({ place }: Target): readonly Place[] {
  return place.client === 'weaviate' ? [{ ...place, collection: `${place.collection}Dates`, variant: 'dates' }] : [];
}

/** Settings and collections of a provider that change how Vecport reads it. */
function variantsOf(bench: Bench): Alternative[] {
  const { place } = bench.target;
  const [other] = variantPlaces(bench.target);
  if (other !== undefined) return [vecport(bench, 'Vecport: export, with a date property', 'export', other)];
  if (place.client === 'qdrant') {
    const rest = { ...place, storeUrl: place.storeUrl.replace('qdrant:', 'qdrant+http:') };
    return [vecport(bench, 'Vecport: export over REST', 'export', rest)];
  }
  if (place.client === 'pinecone') {
    const { requestsPerSecond: _, ...settings } = place.settings ?? {};
    return [vecport(bench, 'Vecport: export, 100 requests/s', 'export', { ...place, settings })];
  }
  return [];
}

function vecport(bench: Bench, name: string, task: 'export' | 'read', place: Place): Alternative {
  const run = async (folder: string): Promise<Sample> => runTask(bench, task, { folder, place }, VECPORT_ENV, name);
  return task === 'export'
    ? written(bench, name, run)
    : { name, run: async () => withServer(bench, async () => run('')) };
}

async function peersOf(bench: Bench): Promise<Alternative[]> {
  const { place, server } = bench.target;
  if (place.client === 'elastic') {
    const program = await installedElasticdump();
    return Object.entries(ELASTICDUMP_WAYS).map(([name, options]) =>
      written(bench, name, async (folder) => runElasticdump(program, place, options, { folder, rows: POINTS })),
    );
  }
  if (server?.name === 'weaviate-1.39') {
    let count = 0;
    const id = (): string => `vecport-bench-${process.pid}-${count++}`;
    const run = async (folder: string): Promise<Sample> => {
      const client = id();
      const sample = await runTask(bench, 'inside-weaviate', { client });
      await collectExport(server.data, client, folder);
      return sample;
    };
    return [written(bench, "Weaviate's own export", run)];
  }
  return [];
}

/** An alternative that writes files, which are counted after every run. */
function written(bench: Bench, name: string, run: (folder: string) => Promise<Sample>): Alternative {
  return {
    name,
    run: async (round) => {
      const folder = await mkdtemp(join(bench.work, 'out-'));
      try {
        const sample = await withServer(bench, async () => run(folder));
        const output = await checkOutput(folder);
        if (round === 0) note(bench, name, output);
        return { ...sample, rows: output.rows };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function note({ notes }: Bench, name: string, { rows, ids, vectors }: Output): void {
  if (rows === POINTS && ids === POINTS && vectors === POINTS) return;
  const n = (value: number): string => value.toLocaleString('en');
  notes.push(
    `${name}: wrote ${n(rows)} of ${n(POINTS)} points, ${n(ids)} different ones, ${n(vectors)} with a vector.`,
  );
}

async function withServer({ target: { server } }: Bench, run: () => Promise<Sample>): Promise<Sample> {
  if (server === undefined) return run();
  const before = groupCpuMs(server.pid);
  const sample = await run();
  return { ...sample, serverCpuMs: groupCpuMs(server.pid) - before };
}

async function drain(bench: Bench): Promise<Alternative> {
  if (bench.target.place.client === 'lancedb') {
    const name = 'LanceDB alone: record batches dropped';
    return { name, run: async () => runTask(bench, 'drain-lancedb', {}, {}, name) };
  }
  const name = 'drain of the same answers';
  const folder = await mkdtemp(join(bench.work, 'recording-'));
  await runTask(bench, 'record', { folder });
  const client = join(folder, 'recording.json');
  return { name, run: async () => withServer(bench, async () => runTask(bench, 'drain', { client }, {}, name)) };
}

/** Run a task where the server's own ports are. Tasks that are measured have a name. */
async function runTask(
  { target, options: { profiles } }: Bench,
  task: string,
  argument: Partial<TaskArgument>,
  env: Readonly<Record<string, string>> = {},
  name?: string,
): Promise<Sample> {
  const full: TaskArgument = { place: target.place, folder: '', ...argument };
  const profile = `${target.name} ${name ?? ''}`.replaceAll(/[^\w.-]+/g, '-');
  const output = await runScript({
    script: TASK,
    args: [task, JSON.stringify(full)],
    env,
    enter: target.server?.enter,
    options:
      profiles === undefined || name === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${profile}.cpuprofile`],
  });
  return (output === '' ? {} : JSON.parse(output)) as Sample;
}
