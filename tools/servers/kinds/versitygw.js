// @ts-check
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { goInstallation } from '../install.js';
import { launchServer } from '../launch.js';
import { freePort } from '../ports.js';
import { answers } from '../requests.js';

/** The bucket that is there from the start. */
const BUCKET = 'vecport';

/**
 * Versity S3 Gateway over a folder: checks signatures, knows multipart uploads and conditional writes. What a client
 * needs besides the URL stands in `extra`, under the names of environment variables.
 * @param {string} name
 * @param {string} version
 * @param {'s3' | 'r2'} scheme `r2`: it plays Cloudflare R2, whose only region is `auto`
 * @returns {import('./server.js').Server}
 */
export function s3Server(name, version, scheme) {
  return {
    name,
    version,
    weight: 1,
    installation: goInstallation(`versitygw-${version}`, `github.com/versity/versitygw/cmd/versitygw@v${version}`),
    start: async (run) => startGateway(run, scheme),
  };
}

/**
 * @param {import('./server.js').Run} run
 * @param {'s3' | 'r2'} scheme
 * @returns {Promise<import('./server.js').Started>}
 */
async function startGateway({ home, data, log }, scheme) {
  const folders = { buckets: join(data, 'buckets'), about: join(data, 'about') };
  await mkdir(join(folders.buckets, BUCKET), { recursive: true });
  await mkdir(folders.about);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const region = scheme === 'r2' ? 'auto' : 'us-east-1';
  const access = { key: `key-${randomBytes(6).toString('hex')}`, secret: randomBytes(20).toString('hex') };
  const settings = [
    '--port',
    `127.0.0.1:${port}`,
    '--region',
    region,
    '--quiet',
    '--keep-alive',
    '--health',
    '/health',
  ];
  // Beside the objects, as not every file system keeps extended attributes.
  const backend = ['posix', '--sidecar', folders.about, folders.buckets];
  const launched = await launchServer({
    command: join(home, 'versitygw'),
    args: [...settings, ...backend],
    env: { ROOT_ACCESS_KEY: access.key, ROOT_SECRET_KEY: access.secret },
    data,
    log,
  });
  return {
    launched,
    url,
    storeUrl: scheme === 'r2' ? `r2://${BUCKET}` : `s3://${BUCKET}?endpoint=${url}&region=${region}`,
    ports: { http: port },
    extra: scheme === 'r2' ? r2Environment(url, access) : s3Environment(access),
    ready: async () => answers(`${url}/health`),
  };
}

/** @param {{ key: string, secret: string }} access */
function s3Environment({ key, secret }) {
  return { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret };
}

/**
 * @param {string} url
 * @param {{ key: string, secret: string }} access
 */
function r2Environment(url, { key, secret }) {
  return { R2_ENDPOINT: url, R2_ACCESS_KEY_ID: key, R2_SECRET_ACCESS_KEY: secret, R2_BUCKET: BUCKET };
}
