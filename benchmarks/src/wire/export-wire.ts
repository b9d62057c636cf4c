import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alternative, type Measured, runScript, type Sample } from '../measure.js';
import { builtGoExport, type GoMode, hasGo, runGoExport } from './go-export.js';
import type { WireInterface } from './page-data.js';
import { TOLD_EVERY } from './page-data.js';
import { type PageServer, startPageServer } from './start-page-server.js';
import { type SelfTime, threadProfiles } from './thread-profiles.js';
import { runVecportExport } from './vecport-export.js';
import { wireNotes } from './wire-notes.js';
import type { WireTask } from './wire-task.js';

const TASK = join(import.meta.dirname, 'task.js');
const COLLECTION = 'pages';
const STREAMS = [1, 2, 4];
const GO_MODES: readonly GoMode[] = ['scroll', 'two-pass'];

/** What a variant of the benchmark reads. */
export interface WireVariant {
  readonly over: WireInterface;
  readonly dimension: number;
  readonly points: number;
  /** Points a second that a real Qdrant 1.18 gave. */
  readonly rate: number;
  /** Points of a page of the drain. */
  readonly page: number;
  /** Points that the slowest ways read; their times are counted per point. */
  readonly fewer: number;
  /** Vecport beside the Go programs alone, as often as a comparison needs. */
  readonly peersAlone?: 'paced' | 'unpaced' | undefined;
}

/** Variants by the name that is typed after `export-wire`. */
export const WIRE_VARIANTS: Readonly<Record<string, WireVariant>> = {
  'grpc-384': { over: 'grpc', dimension: 384, points: 200_000, rate: 94_000, page: 1000, fewer: 20_000 },
  'grpc-1536': { over: 'grpc', dimension: 1536, points: 50_000, rate: 37_000, page: 500, fewer: 5000 },
  'http-384': { over: 'http', dimension: 384, points: 50_000, rate: 33_000, page: 500, fewer: 10_000 },
  'http-1536': { over: 'http', dimension: 1536, points: 12_500, rate: 8800, page: 200, fewer: 2500 },
  ...goVariants(384, { points: 200_000, rate: 94_000, page: 1000 }),
  ...goVariants(1536, { points: 50_000, rate: 37_000, page: 500 }),
};

function goVariants(
  dimension: number,
  rest: Pick<WireVariant, 'points' | 'rate' | 'page'>,
): Readonly<Record<string, WireVariant>> {
  const common = { over: 'grpc', dimension, fewer: 0, ...rest } as const;
  return {
    [`go-${dimension}`]: { ...common, peersAlone: 'unpaced' },
    [`go-${dimension}-paced`]: { ...common, peersAlone: 'paced' },
  };
}

/** A variant, its server running: what is measured, and what to conclude from it. Close it to end the server. */
export interface WireBenchmark {
  readonly about: string;
  readonly alternatives: readonly Alternative[];
  /** Of one run more of Vecport, paced, which is not counted. */
  profile(): Promise<readonly SelfTime[]>;
  conclude(measured: readonly Measured[]): readonly string[];
  close(): Promise<void>;
}

/** Make a variant ready: start the page server, build the Go program, find the best number of streams. */
export async function openExportWire(variant: WireVariant): Promise<WireBenchmark> {
  const { points, dimension, over, rate, peersAlone } = variant;
  const server = await startPageServer({ points, dimension, over, collection: COLLECTION });
  const work = await mkdtemp(join(tmpdir(), 'vecport-wire-'));
  const wire: Wire = { variant, server, work };
  const alternatives = peersAlone === undefined ? await allWays(wire) : await comparedWithGo(wire);
  const n = points.toLocaleString('en');
  return {
    about:
      `${n} points of ${dimension} dimensions from a page server in a process of its own, over ${over === 'grpc' ? 'gRPC' : 'REST'}; ` +
      `*paced*: it lets out ${rate.toLocaleString('en')} points a second, as a real Qdrant did.`,
    alternatives,
    profile: async () => profileOf(wire),
    conclude: wireNotes,
    close: async () => {
      await server.close();
      await rm(work, { recursive: true, force: true });
    },
  };
}

interface Wire {
  readonly variant: WireVariant;
  readonly server: PageServer;
  readonly work: string;
}

async function allWays(wire: Wire): Promise<readonly Alternative[]> {
  const { rate } = wire.variant;
  const streams = await bestStreams(wire, 0);
  const pacedStreams = await bestStreams(wire, rate);
  const go = await goWays(wire);
  return [
    at(wire, 0, `drain, ${streams} at a time`, async () => drain(wire, streams)),
    at(wire, 0, 'Vecport', async (folder) => vecport(wire, folder, [])),
    at(wire, 0, 'Vecport, uncompressed', async (folder) => vecport(wire, folder, ['--compression', 'none'])),
    ...go.map(({ name, run }) => at(wire, 0, name, run)),
    at(wire, 0, 'official client, hyparquet-writer', async (folder) => plain(wire, folder)),
    at(wire, rate, `drain, ${pacedStreams} at a time, paced`, async () => drain(wire, pacedStreams)),
    at(wire, rate, 'Vecport, paced', async (folder) => vecport(wire, folder, [])),
    ...go.map(({ name, run }) => at(wire, rate, `${name}, paced`, run)),
  ];
}

async function comparedWithGo(wire: Wire): Promise<readonly Alternative[]> {
  const go = await goWays(wire);
  if (go.length === 0) throw new Error('There is no Go on this machine.');
  const isPaced = wire.variant.peersAlone === 'paced';
  const rate = isPaced ? wire.variant.rate : 0;
  const paced = isPaced ? ', paced' : '';
  return [
    at(wire, rate, `Vecport${paced}`, async (folder) => vecport(wire, folder, [])),
    ...go.map(({ name, run }) => at(wire, rate, `${name}${paced}`, run)),
  ];
}

/** An alternative against a server of that rate, with a folder that is removed afterwards. */
function at(wire: Wire, rate: number, name: string, run: (folder: string) => Promise<Sample>): Alternative {
  return {
    name,
    run: async () => {
      const folder = await mkdtemp(join(wire.work, 'run-'));
      await wire.server.setRate(rate);
      try {
        return await run(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The number of streams that drain a server of that rate soonest. */
async function bestStreams(wire: Wire, rate: number): Promise<number> {
  await wire.server.setRate(rate);
  const times = [];
  for (const streams of STREAMS) {
    // The first of a kind warms the server up.
    await drain(wire, streams);
    times.push({ streams, wallMs: (await drain(wire, streams)).wallMs });
  }
  return times.toSorted((a, b) => a.wallMs - b.wallMs)[0]?.streams ?? 1;
}

async function drain({ variant, server }: Wire, streams: number): Promise<Sample> {
  const { page, points, over } = variant;
  const starts = server.address.ids.filter((_, n) => n % (page / TOLD_EVERY) === 0);
  return runTask({ kind: 'drain', over, ...placeOf(server), starts, limit: page, streams, points });
}

async function plain({ variant, server }: Wire, folder: string): Promise<Sample> {
  const output = join(folder, 'points.parquet');
  return runTask({ kind: 'plain', over: variant.over, ...placeOf(server), points: variant.fewer, output });
}

/** A run that is not counted: profiling takes time. */
async function profileOf(wire: Wire): Promise<readonly SelfTime[]> {
  const profiles = join(wire.work, 'profiles');
  await wire.server.setRate(wire.variant.rate);
  await vecport(wire, wire.work, [], ['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
  await rm(join(wire.work, 'dataset'), { recursive: true });
  return threadProfiles(profiles);
}

/** The command as it is; `options` are those of Node. */
async function vecport(
  { variant, server }: Wire,
  folder: string,
  args: readonly string[],
  options: readonly string[] = [],
): Promise<Sample> {
  const { httpPort, grpcPort } = server.address;
  const { over, points } = variant;
  const storeUrl = `qdrant${over === 'grpc' ? '' : '+http'}://127.0.0.1:${httpPort}/${COLLECTION}?grpc-port=${grpcPort}`;
  return complete(await runVecportExport({ storeUrl, output: join(folder, 'dataset'), args, options }), points);
}

async function goWays(wire: Wire): Promise<readonly { name: string; run: (folder: string) => Promise<Sample> }[]> {
  const { variant, server } = wire;
  if (variant.over !== 'grpc' || !hasGo()) return [];
  const program = await builtGoExport();
  return GO_MODES.map((mode) => ({
    name: `Go, ${mode}`,
    run: async (folder) => {
      const output = join(folder, 'points.parquet');
      const run = { mode, port: server.address.grpcPort, collection: COLLECTION, output };
      return complete(await runGoExport(program, run), variant.points);
    },
  }));
}

function complete(sample: Sample, points: number): Sample {
  if (sample.rows !== points) throw new Error(`${sample.rows} points came where ${points} are.`);
  return sample;
}

function placeOf({ address }: PageServer): {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly collection: string;
} {
  const { httpPort, grpcPort } = address;
  return { httpPort, grpcPort, collection: COLLECTION };
}

async function runTask(task: WireTask): Promise<Sample> {
  return JSON.parse(await runScript({ script: TASK, args: [JSON.stringify(task)] })) as Sample;
}
