import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** One alternative of a benchmark: a task of `task.ts` and what it is given. */
export interface Alternative {
  /** As it is printed. */
  readonly name: string;
  readonly task: string;
  readonly argument: string;
  /** Set in the environment of its process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
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
}

/** Medians over all rounds, and the samples they come from. */
export interface Measured extends Sample {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** Run every alternative once a round, in turn, each in a process of its own. */
export async function measure(alternatives: readonly Alternative[], rounds: number): Promise<readonly Measured[]> {
  const samples = alternatives.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, alternative] of alternatives.entries()) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${alternative.name}\n`);
      samples[index]?.push(await runTask(alternative));
    }
  }
  return alternatives.map(({ name }, index) => ({
    name,
    ...medians(samples[index] ?? []),
    samples: samples[index] ?? [],
  }));
}

/** The middle value; of an even number, the lower of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

function medians(samples: readonly Sample[]): Sample {
  const of = (value: (sample: Sample) => number): number => median(samples.map(value));
  return {
    rows: of(({ rows }) => rows),
    wallMs: of(({ wallMs }) => wallMs),
    cpuMs: of(({ cpuMs }) => cpuMs),
    peakRssMb: of(({ peakRssMb }) => peakRssMb),
    bytes: samples[0]?.bytes === undefined ? undefined : of(({ bytes }) => bytes ?? 0),
  };
}

async function runTask({ task, argument, env }: Alternative): Promise<Sample> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'task.js'), task, argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${task} ended with ${String(code)}`);
  return JSON.parse(output) as Sample;
}
