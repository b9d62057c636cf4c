// @ts-check
import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchServer } from '../launch.js';
import { freePort } from '../ports.js';

/** The container that is made once it answers. */
const CONTAINER = 'vecport';
const ACCOUNT = 'vecportaccount';
const API_VERSION = '2025-05-05';

/** Telemetry is switched off: an older version of what sends it is far smaller, and its dependencies can be found. */
const LEFT_OUT = { applicationinsights: '2.9.8' };

/**
 * Azurite, the emulator of Azure Blob Storage from its makers, with a key of its own. What a client needs besides the
 * URL stands in `extra`, under the names of environment variables.
 * @param {string} name
 * @param {string} version
 * @returns {import('./server.js').Server}
 */
export function azureServer(name, version) {
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional', '--omit=peer', '--loglevel=error'];
  return {
    name,
    version,
    weight: 1,
    installation: {
      folder: `azurite-${version}`,
      from: 'npm',
      async build(target, step) {
        await writeFile(join(target, 'package.json'), JSON.stringify({ private: true, overrides: LEFT_OUT }));
        await step('npm', ['install', '--prefix', target, ...options, `azurite@${version}`], { cwd: target });
      },
    },
    start: startAzurite,
  };
}

/**
 * @param {import('./server.js').Run} run
 * @returns {Promise<import('./server.js').Started>}
 */
async function startAzurite({ home, data, log }) {
  const port = await freePort();
  const key = randomBytes(64).toString('base64');
  const program = join(home, 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');
  const where = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', data];
  const launched = await launchServer({
    command: process.execPath,
    args: [program, ...where, '--silent', '--skipApiVersionCheck', '--disableTelemetry'],
    env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` },
    data,
    log,
  });
  const url = `http://127.0.0.1:${port}/${ACCOUNT}`;
  return {
    launched,
    url,
    storeUrl: `az://${CONTAINER}?account=${ACCOUNT}&endpoint=${url}`,
    ports: { http: port },
    extra: { AZURE_STORAGE_KEY: key },
    ready: async () => makeContainer(url, key),
  };
}

/**
 * Whether the container is there: only a server that works can make it.
 * @param {string} url of the account
 * @param {string} key
 */
async function makeContainer(url, key) {
  const date = new Date().toUTCString();
  const headers = `x-ms-date:${date}\nx-ms-version:${API_VERSION}`;
  // https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key: 11 standard headers, all empty.
  const resource = `/${ACCOUNT}/${ACCOUNT}/${CONTAINER}\nrestype:container`;
  const text = `PUT\n${'\n'.repeat(11)}${headers}\n${resource}`;
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  try {
    const { status } = await fetch(`${url}/${CONTAINER}?restype=container`, {
      method: 'PUT',
      headers: {
        'x-ms-date': date,
        'x-ms-version': API_VERSION,
        authorization: `SharedKey ${ACCOUNT}:${signature}`,
      },
    });
    if (status === 403) throw new Error('It refuses the key that it was given.');
    return status === 201 || status === 409;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
