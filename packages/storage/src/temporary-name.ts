import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { mayBeAlive, type ProcessIdentity } from './process-identity.js';

/** What the name of a temporary file says. */
export interface TemporaryName {
  /** Name the file gets when it is complete. */
  readonly target: string;
  readonly pid: number;
  readonly started: string;
  /** The first eight hex digits of the SHA-256 of the writer's host name. */
  readonly host: string;
}

const PATTERN = /^\.(?<target>.+)\.(?<pid>\d+)-(?<started>[0-9a-f.]+)-(?<host>[0-9a-f]{8})\.[0-9a-f]{16}\.tmp$/s;

/** `.<target>.<pid>-<start>-<host>.<random>.tmp`: says who writes it, and for which file. */
export function temporaryName(target: string, writer: ProcessIdentity): string {
  const owner = `${writer.pid}-${writer.started}-${hostDigest(writer.host)}`;
  return `.${target}.${owner}.${randomBytes(8).toString('hex')}.tmp`;
}

/** Reverse of {@link temporaryName}; `undefined` for other names. */
export function parseTemporaryName(name: string): TemporaryName | undefined {
  const groups = PATTERN.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { target = '', pid = '', started = '', host = '' } = groups;
  return { target, pid: Number(pid), started, host };
}

/** Whether the process that writes the file may still be running; see {@link mayBeAlive}. */
export async function writerMayBeAlive({ pid, started, host }: TemporaryName): Promise<boolean> {
  const here = hostname();
  return host !== hostDigest(here) || mayBeAlive({ pid, started, host: here });
}

/** Host names may hold what file names may not, and be long: eight hex digits stand for one. */
function hostDigest(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 8);
}
