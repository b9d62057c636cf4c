import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { VecportError } from '@vecport/abstractions';

/** What `npm run servers` writes about a server, as far as tests need it. */
interface ServerState {
  readonly ready: boolean;
  readonly pid: number;
  readonly storeUrl: string;
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

/**
 * The store URL of a real server, by the name that `npm run servers` knows it by, e.g. `elastic-9`. The environment
 * goes first (`VECPORT_TEST_SERVER_ELASTIC_9`), then the server that `npm run servers -- up` has started, whose state
 * is kept in the folder `VECPORT_SERVERS_CACHE`, `~/.cache/vecport/servers` if that is not set.
 * @throws VecportError 'not-found' when the server does not run; 'corrupt-data' when its state cannot be read.
 */
export function serverUrl(name: string, env: NodeJS.ProcessEnv = process.env): string {
  const variable = `VECPORT_TEST_SERVER_${name.toUpperCase().replaceAll(/[-.]/g, '_')}`;
  const given = env[variable];
  if (given !== undefined && given !== '') return given;
  const state = runningServer(name, env);
  if (state !== undefined) return state.storeUrl;
  throw new VecportError('not-found', `The server '${name}' does not run.`, {
    advice: `Run npm run servers -- up ${name}, or name its URL in ${variable}.`,
  });
}

/**
 * What a client of a secured server has to know besides its URL, by name: of `elastic-9-secure` the `username`, the
 * `password`, the certificate to trust as PEM text (`ca`) and its `fingerprint`. Of an open server nothing.
 * @throws VecportError 'not-found' when `npm run servers` does not run it.
 */
export function serverAccess(name: string, env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
  const state = runningServer(name, env);
  if (state !== undefined) return state.extra ?? {};
  throw new VecportError('not-found', `The server '${name}' does not run.`, {
    advice: `Run npm run servers -- up ${name}.`,
  });
}

/**
 * Those of the given servers that this run tests: all of them, unless `npm run test:servers` was asked for a part, which
 * it hands on in `VECPORT_TEST_SERVERS`, separated by commas. May be none.
 */
export function testedServers<Name extends string>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv = process.env,
): readonly Name[] {
  const asked = env['VECPORT_TEST_SERVERS']?.split(',').filter((name) => name !== '') ?? [];
  return asked.length === 0 ? names : names.filter((name) => asked.includes(name));
}

function runningServer(name: string, env: NodeJS.ProcessEnv): ServerState | undefined {
  const state = readState(name, env);
  return state?.ready === true && existsSync(`/proc/${state.pid}`) ? state : undefined;
}

function readState(name: string, env: NodeJS.ProcessEnv): ServerState | undefined {
  const cache = env['VECPORT_SERVERS_CACHE'] ?? join(homedir(), '.cache', 'vecport', 'servers');
  const path = join(cache, 'state', `${name}.json`);
  if (!existsSync(path)) return undefined;
  try {
    const state: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isServerState(state)) return state;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path);
}

function isServerState(value: unknown): value is ServerState {
  if (typeof value !== 'object' || value === null) return false;
  const { ready, pid, storeUrl } = value as Record<string, unknown>;
  return typeof ready === 'boolean' && typeof pid === 'number' && typeof storeUrl === 'string';
}

function unreadable(path: string, cause?: unknown): VecportError {
  return new VecportError('corrupt-data', `${path} does not say what a server's state file says.`, {
    advice: 'Remove the file and run npm run servers -- up again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
