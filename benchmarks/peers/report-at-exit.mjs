// Loaded before a program of others (`node --import`): when it ends, a file says what its process has used since it
// opened its first connection. The file is named by VECPORT_BENCH_REPORT.
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';

let begun;
subscribe('net.client.socket', () => {
  begun ??= { at: performance.now(), cpu: process.cpuUsage() };
});
process.on('exit', () => {
  if (begun === undefined) return;
  const { user, system } = process.cpuUsage(begun.cpu);
  const sample = {
    wallMs: performance.now() - begun.at,
    cpuMs: (user + system) / 1000,
    peakRssMb: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024,
  };
  writeFileSync(process.env.VECPORT_BENCH_REPORT, JSON.stringify(sample));
});
