// @ts-check
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { goInstallation } from '../install.js';
import { launchServer } from '../launch.js';
import { freePort } from '../ports.js';
import { answers } from '../requests.js';

/** The bucket that is there from the start. */
const BUCKET = 'vecport';

/**
 * An emulator of Google Cloud Storage over a folder. It lets everybody in.
 * @param {string} name
 * @param {string} version
 * @returns {import('./server.js').Server}
 */
export function gcsServer(name, version) {
  return {
    name,
    version,
    weight: 1,
    installation: goInstallation(`fake-gcs-server-${version}`, `github.com/fsouza/fake-gcs-server@v${version}`),
    start: startEmulator,
  };
}

/**
 * @param {import('./server.js').Run} run
 * @returns {Promise<import('./server.js').Started>}
 */
async function startEmulator({ home, data, log }) {
  const folder = join(data, 'buckets');
  await mkdir(join(folder, BUCKET), { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const listen = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-log-level', 'warn'];
  const where = ['-public-host', `127.0.0.1:${port}`, '-external-url', url];
  const launched = await launchServer({
    command: join(home, 'fake-gcs-server'),
    args: [...listen, ...where, '-backend', 'filesystem', '-filesystem-root', folder],
    data,
    log,
  });
  return {
    launched,
    url,
    storeUrl: `gs://${BUCKET}?endpoint=${url}&project=vecport`,
    ports: { http: port },
    ready: async () => answers(`${url}/storage/v1/b/${BUCKET}`),
  };
}
