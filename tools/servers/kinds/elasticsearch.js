// @ts-check
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInstalled } from '../install.js';
import { giveTo, launchServer, serviceUser } from '../launch.js';
import { freePort } from '../ports.js';
import { answers } from '../requests.js';
import { secure } from './elastic-security.js';
import { findJava } from './java.js';

const SOURCES = join(import.meta.dirname, '..', 'elastic-plugin');
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:unpack';
const OPEN = { 'xpack.security.enabled': false };
const JAVA_OPTIONS = '-Xms512m -Xmx512m -XX:-UsePerfData';

/**
 * Elasticsearch, from the distribution for integration tests that Maven Central has. It lacks the module that answers
 * `GET /`, which a small plugin of ours adds.
 * @param {string} name
 * @param {string} version
 * @param {{ least: number, most: number }} java versions it runs on
 * @param {{ secured?: boolean }} [options] secured: with passwords, API keys and TLS
 * @returns {import('./server.js').Server}
 */
export function elasticsearchServer(name, version, java, { secured = false } = {}) {
  return {
    name,
    version,
    weight: 2,
    installation: {
      folder: `elasticsearch-${version}`,
      from: 'Maven Central',
      async build(target, step) {
        // Maven leaves marks where it runs, and the archive has one folder with everything in it.
        const work = join(target, 'work');
        await mkdir(work);
        const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`;
        const options = [`-Dartifact=${artifact}`, `-DoutputDirectory=${work}`];
        await step('mvn', ['-B', '-q', UNPACK, ...options], { cwd: work });
        const folder = join(work, `elasticsearch-${version}`);
        for (const entry of await readdir(folder)) await rename(join(folder, entry), join(target, entry));
        await rm(work, { recursive: true });
      },
    },
    start: async (run) => startElasticsearch(run, { version, java, secured }),
  };
}

/**
 * @param {import('./server.js').Run} run
 * @param {{ version: string, java: { least: number, most: number }, secured: boolean }} options
 * @returns {Promise<import('./server.js').Started>}
 */
async function startElasticsearch({ home, data, log, signal, say }, { version, java: { least, most }, secured }) {
  const java = findJava(least, most);
  const plugin = await ensureInstalled(rootPlugin(home, version, java, least), { say, signal });
  const port = await freePort();
  const transportPort = await freePort();
  // Elasticsearch refuses root, and another user may not be able to look into root's cache: so it runs from a copy.
  const program = join(data, 'program');
  await cp(home, program, { recursive: true });
  await rm(join(program, 'plugins'), { recursive: true, force: true });
  await cp(plugin, join(program, 'plugins', 'vecport-root'), { recursive: true });
  await Promise.all(['data', 'logs', 'tmp'].map(async (folder) => mkdir(join(data, folder))));
  const security = secured ? await secure(join(program, 'config')) : undefined;
  await configure(join(program, 'config'), data, { port, transportPort, security: security?.settings ?? OPEN });
  const user = serviceUser();
  giveTo(data, user);
  const launched = await launchServer({
    command: join(program, 'bin', 'elasticsearch'),
    args: [],
    env: {
      HOME: data,
      ES_JAVA_HOME: java,
      ES_JAVA_OPTS: JAVA_OPTIONS,
      ES_TMPDIR: join(data, 'tmp'),
      // Of the launcher, which is a Java program as well.
      CLI_JAVA_OPTS: `-XX:-UsePerfData -Djava.io.tmpdir=${join(data, 'tmp')}`,
    },
    data,
    log,
    user,
  });
  const place = `127.0.0.1:${port}`;
  const ports = { http: port, transport: transportPort };
  if (security === undefined) {
    const url = `http://${place}`;
    return { launched, url, storeUrl: `elastic://${place}`, ports, ready: async () => isReady(url, {}) };
  }
  const { username, password, ca } = security.access;
  const url = `https://${place}`;
  return {
    launched,
    url,
    storeUrl: `elastic+https://${username}:${password}@${place}`,
    ports,
    extra: security.access,
    ready: async () => isReady(url, { ca, auth: `${username}:${password}` }),
  };
}

/**
 * @param {string} url
 * @param {import('node:https').RequestOptions} options
 */
async function isReady(url, options) {
  return (
    (await answers(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, options)) && answers(`${url}/`, options)
  );
}

/**
 * @param {string} folder
 * @param {string} data
 * @param {{ port: number, transportPort: number, security: Record<string, string | boolean> }} options
 */
async function configure(folder, data, { port, transportPort, security }) {
  const settings = {
    'cluster.name': 'vecport',
    'node.name': 'node1',
    'discovery.type': 'single-node',
    'http.host': '127.0.0.1',
    'http.port': port,
    'transport.host': '127.0.0.1',
    'transport.port': transportPort,
    'path.data': join(data, 'data'),
    'path.logs': join(data, 'logs'),
    // A full disk of the machine must not make it read-only.
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...security,
  };
  const yaml = Object.entries(settings).map(([key, value]) => `${key}: ${value}\n`);
  await writeFile(join(folder, 'elasticsearch.yml'), yaml.join(''));
  const options = await readFile(join(folder, 'jvm.options'), 'utf8');
  await writeFile(join(folder, 'jvm.options'), options.replaceAll(/^.*-Xlog:gc.*$/gm, ''));
}

/**
 * The plugin, compiled against the server it is for.
 * @param {string} home
 * @param {string} version
 * @param {string} java
 * @param {number} release
 * @returns {import('../install.js').Installation}
 */
function rootPlugin(home, version, java, release) {
  const major = version.split('.')[0];
  const sources = [join(SOURCES, 'RootHandler.java'), join(SOURCES, `v${major}`, 'RootPlugin.java')];
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  return {
    folder: `elasticsearch-${version}-plugin-${hash.digest('hex').slice(0, 12)}`,
    from: 'its source here',
    async build(target, step) {
      const classes = join(target, 'classes');
      const options = ['--release', String(release), '-nowarn', '-cp', join(home, 'lib', '*'), '-d', classes];
      await step(join(java, 'bin', 'javac'), [...options, ...sources]);
      await step(join(java, 'bin', 'jar'), [
        '--create',
        '--file',
        join(target, 'vecport-root.jar'),
        '-C',
        classes,
        '.',
      ]);
      await rm(classes, { recursive: true });
      const descriptor = {
        name: 'vecport-root',
        description: 'The root path',
        version,
        classname: 'vecport.servers.RootPlugin',
        'java.version': release,
        'elasticsearch.version': version,
      };
      const lines = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`);
      await writeFile(join(target, 'plugin-descriptor.properties'), lines.join(''));
    },
  };
}
