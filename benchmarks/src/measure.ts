import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** One alternative of a benchmark. */
export interface Alternative {
  /** As it is printed. */
  readonly name: string;
  /** Do it once, in a process of its own; `round` counts from 0. */
  run(round: number): Promise<Sample>;
}

/** What a task reports of its own process, in one run. */
export interface Sample {
  readonly rows: number;
  readonly wallMs: number;
  /** User and system time of all threads. */
  readonly cpuMs: number;
  readonly peakRssMb: number;
  /** Bytes it wrote, where it writes. */
  readonly bytes?: number | undefined;
  /** What the server used meanwhile, where that is known. */
  readonly serverCpuMs?: number | undefined;
  /** What a browser noted of a page; the other figures but `wallMs` mean nothing then. */
  readonly page?: PageSample | undefined;
}

/** A page as a browser saw it. Milliseconds from the start of the navigation; bytes on the wire. */
export interface PageSample {
  readonly firstPaintMs: number;
  readonly firstContentfulPaintMs: number;
  readonly largestContentfulPaintMs: number;
  /** When it had everything it asks for. */
  readonly wholeMs: number;
  readonly scriptBytes: number;
  readonly allBytes: number;
}

/** Medians over all rounds, and the samples they come from. */
export interface Measured extends Sample {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** A script that is run as a process. */
export interface Script {
  readonly script: string;
  readonly args: readonly string[];
  /** Set in the environment of its process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A command that runs the command after it, e.g. in another network. */
  readonly enter?: readonly string[] | undefined;
  /** Options of Node. */
  readonly options?: readonly string[] | undefined;
}

/** An alternative that is a task of `task.ts`, and what it is given. */
export function taskAlternative(
  name: string,
  task: string,
  argument: string,
  settings: Pick<Script, 'env' | 'options'> = {},
): Alternative {
  const script = taskScript(task, argument, settings);
  return { name, run: async () => JSON.parse(await runScript(script)) as Sample };
}

/** A task of `task.ts`, and what it is given, as a script. */
export function taskScript(task: string, argument: string, settings: Pick<Script, 'env' | 'options'>): Script {
  return { script: join(import.meta.dirname, 'task.js'), args: [task, argument], ...settings };
}

/** Run every alternative once a round, in turn, each in a process of its own. */
export async function measure(alternatives: readonly Alternative[], rounds: number): Promise<readonly Measured[]> {
  const samples = alternatives.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, alternative] of alternatives.entries()) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${alternative.name}\n`);
      samples[index]?.push(await alternative.run(round));
    }
  }
  return alternatives.map(({ name }, index) => ({
    name,
    ...medians(samples[index] ?? []),
    samples: samples[index] ?? [],
  }));
}

/** The middle value; of an even number, the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** Run a script of Node to its end; what it printed. @throws Error when it fails. */
export async function runScript({ script, args, env, enter = [], options = [] }: Script): Promise<string> {
  const [command = '', ...rest] = [...enter, process.execPath, ...options, script, ...args];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${script} ${args[0] ?? ''} ended with ${String(code)}`);
  return output;
}

function medians(samples: readonly Sample[]): Sample {
  const of = (value: (sample: Sample) => number): number => median(samples.map(value));
  return {
    rows: of(({ rows }) => rows),
    wallMs: of(({ wallMs }) => wallMs),
    cpuMs: of(({ cpuMs }) => cpuMs),
    peakRssMb: of(({ peakRssMb }) => peakRssMb),
    bytes: samples[0]?.bytes === undefined ? undefined : of(({ bytes }) => bytes ?? 0),
    serverCpuMs: samples[0]?.serverCpuMs === undefined ? undefined : of(({ serverCpuMs }) => serverCpuMs ?? 0),
    page: pageMedians(samples.flatMap(({ page }) => page ?? [])),
  };
}

function pageMedians(pages: readonly PageSample[]): PageSample | undefined {
  const of = (value: (page: PageSample) => number): number => median(pages.map(value));
  if (pages.length === 0) return undefined;
  return {
    firstPaintMs: of(({ firstPaintMs }) => firstPaintMs),
    firstContentfulPaintMs: of(({ firstContentfulPaintMs }) => firstContentfulPaintMs),
    largestContentfulPaintMs: of(({ largestContentfulPaintMs }) => largestContentfulPaintMs),
    wholeMs: of(({ wholeMs }) => wholeMs),
    scriptBytes: of(({ scriptBytes }) => scriptBytes),
    allBytes: of(({ allBytes }) => allBytes),
  };
}
