import { readFileSync } from 'node:fs';
import type { Sample } from './measure.js';

/** What is measured: everything between the call and the promise. */
export type Work = () => Promise<Pick<Sample, 'rows' | 'bytes'>>;

/** Do the work and print a `Sample` of this process as JSON. */
export async function report(work: Work): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { rows, bytes } = await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const sample: Sample = {
    rows,
    bytes,
    wallMs,
    cpuMs: (user + system) / 1000,
    peakRssMb: peakRss() / 1024,
  };
  process.stdout.write(JSON.stringify(sample));
}

/** Kilobytes. On Linux from the process's own memory map: the figure of getrusage starts with the parent's peak. */
function peakRss(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
