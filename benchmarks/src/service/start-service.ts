import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Sample } from '../measure.js';

const COMMAND = join(import.meta.dirname, '../../../packages/cli/dist/main.js');
/** Readers are one address, which may send 6,000 requests a minute otherwise. */
const CONFIGURATION = { limits: { requestsPerMinute: 1_000_000 } };

/** Time of processors and largest memory: of all processes, and of the one that answers. */
interface Used extends Pick<Sample, 'cpuMs' | 'peakRssMb'> {
  readonly answersCpuMs: number;
}

/** The command `vecport serve` in a process of its own, listening to this machine. */
export interface ServiceProcess {
  /** E.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** What it and the processes of its jobs, which run, have used since they were started. Linux only. */
  used(): Used;
  /** Milliseconds its event loop was late, for 99 of 100 times; since the start. */
  lateMs(): Promise<number>;
  /** End it and wait until it has ended. */
  close(): Promise<void>;
}

/**
 * Start the service over a store, with its data in a folder that is emptied, and wait until it listens.
 * @throws Error when it ends before.
 */
export async function startService(
  folder: string,
  storeUrl: string,
  options: readonly string[] = [],
): Promise<ServiceProcess> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'service.json'), JSON.stringify(CONFIGURATION));
  const args = [...options, COMMAND, 'serve', '--port', '0', '--data', folder, '--store', `main=${storeUrl}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  // Its log is read to the end, as by whoever collects logs.
  const lines = createInterface({ input: child.stderr });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /listens at (\S+),/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(([code]) => reject(new Error(`The service ended with ${String(code)}.`)), reject);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('The service has no process.');
  return {
    url,
    used: () => {
      const answers = usedBy(pid);
      const all = [answers, ...childrenOf(pid).map(usedBy)];
      return {
        cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
        peakRssMb: all.reduce((sum, { peakRssMb }) => sum + peakRssMb, 0),
        answersCpuMs: answers.cpuMs,
      };
    },
    lateMs: async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^vecport_event_loop_delay_seconds\{quantile="0.99"\} (\S+)$/m.exec(text)?.[1]) * 1000;
    },
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function usedBy(pid: number): Pick<Sample, 'cpuMs' | 'peakRssMb'> {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // After the name: user and system time as the twelfth and the thirteenth, in hundredths of a second.
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: ticks.reduce((sum, text) => sum + Number(text) * 10, 0), peakRssMb: Number(peak) / 1024 };
}
