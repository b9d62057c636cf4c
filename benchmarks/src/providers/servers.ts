import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A server that `npm run servers` runs, as far as benchmarks need it. */
export interface RunningServer {
  readonly name: string;
  readonly version: string;
  readonly ready: boolean;
  /** Leader of its process group. */
  readonly pid: number;
  readonly storeUrl: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly data: string;
  readonly enter?: readonly string[] | undefined;
  readonly innerPorts?: Readonly<Record<string, number>> | undefined;
}

const TOOL = join(import.meta.dirname, '../../../tools/servers/main.js');

/** The servers that are up now. */
export function runningServers(): readonly RunningServer[] {
  const text = execFileSync(process.execPath, [TOOL, 'status', '--json'], { encoding: 'utf8' });
  return (JSON.parse(text) as RunningServer[]).filter(({ ready }) => ready);
}

/** The ports and the URL of a server as they are inside its own network, where nothing stands before it. */
export function directAddress({ storeUrl, ports, innerPorts = {}, enter }: RunningServer): {
  readonly storeUrl: string;
  readonly ports: Readonly<Record<string, number>>;
} {
  if (enter === undefined) return { storeUrl, ports };
  const url = Object.entries(innerPorts).reduce(
    (text, [name, inner]) => text.replace(new RegExp(`\\b${ports[name]}\\b`), String(inner)),
    storeUrl,
  );
  return { storeUrl: url, ports: innerPorts };
}

/** Processor time a process group and the children it waited for have used so far, in milliseconds; Linux only. */
export function groupCpuMs(leader: number): number {
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? readStat(entry) : undefined;
    // After the name: state, parent, group as the third; user, system and those of children from the twelfth on.
    if (stat !== undefined && Number(stat[2]) === leader)
      ticks += stat.slice(11, 15).reduce((sum, text) => sum + Number(text), 0);
  }
  return ticks * (1000 / 100);
}

function readStat(pid: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
