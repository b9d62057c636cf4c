// @ts-check
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInstalled, pythonInstallation, pythonPackage } from '../install.js';
import { launchIsolated } from '../isolate.js';
import { launchServer } from '../launch.js';
import { freePort } from '../ports.js';
import { callGrpc } from '../requests.js';

const SERVICE = '/milvus.proto.milvus.MilvusService';
const PROXY = 19_530;

/**
 * Milvus' own pace, in milliseconds where nothing else is said: how often it looks whether a new collection is loaded, and for what time a read of
 * the present waits. By default (1000, 1000, 500 and 200) tests spend nine tenths of their time waiting for it.
 */
const ENV = {
  QUERYCOORD_CHECKCHANNELINTERVAL: '100',
  QUERYCOORD_CHECKSEGMENTINTERVAL: '100',
  QUERYCOORD_DISTPULLINTERVAL: '100',
  PROXY_TIMETICKINTERVAL: '40',
  // In seconds. A machine so busy that Milvus does not reach its own etcd for 30 s makes it end itself.
  COMMON_SESSION_TTL: '600',
};

/**
 * Milvus standalone with its own etcd, from a Python package that holds the real server, compressed. It listens on
 * every interface whatever it is told: so it runs in a network of its own, with the ports it has by default.
 * @param {string} name
 * @param {string} version
 * @returns {import('./server.js').Server}
 */
export function milvusServer(name, version) {
  return {
    name,
    version,
    weight: 2,
    installation: pythonInstallation(`milvus-${version}`, [`milvus==${version}`]),
    async start({ home, data, log, signal, say }) {
      const python = join(home, 'bin', 'python');
      const program = await ensureInstalled(unpacked(version, python), { say, signal });
      await symlink(join(program, 'bin'), join(data, 'bin'));
      const serve = ['-c', 'import milvus; milvus.main()', '--data', data, '--extra-config', 'log.level=warn'];
      const isolated = await launchIsolated({ command: python, args: serve, env: ENV, data, log }, { grpc: PROXY });
      const { grpc } = isolated.ports;
      return { ...isolated, ...place(grpc), ready: async () => isHealthy(grpc) };
    },
  };
}

/**
 * The lite server that Python alone is enough for.
 * @param {string} name
 * @param {string} version
 * @param {string} clientVersion of pymilvus, which it needs
 * @returns {import('./server.js').Server}
 */
export function milvusLitePythonServer(name, version, clientVersion) {
  const packages = [`milvus-lite==${version}`, `pymilvus==${clientVersion}`];
  return {
    name,
    version,
    weight: 1,
    installation: pythonInstallation(`milvus-lite-${version}`, packages),
    async start({ home, data, log }) {
      const port = await freePort();
      const where = ['--data-dir', join(data, 'db'), '--host', '127.0.0.1', '--port', String(port)];
      const launched = await launchServer({
        command: join(home, 'bin', 'python'),
        args: ['-m', 'milvus_lite', 'server', ...where],
        data,
        log,
      });
      return { launched, ...place(port), ready: async () => listsCollections(port) };
    },
  };
}

/**
 * The older lite server, a program of its own.
 * @param {string} name
 * @param {string} version
 * @returns {import('./server.js').Server}
 */
export function milvusLiteNativeServer(name, version) {
  return {
    name,
    version,
    weight: 1,
    installation: pythonInstallation(`milvus-lite-${version}`, [`milvus-lite==${version}`]),
    async start({ home, data, log }) {
      const port = await freePort();
      const lib = pythonPackage(home, 'milvus_lite/lib');
      await mkdir(join(data, 'db'));
      const launched = await launchServer({
        command: join(lib, 'milvus'),
        args: [join(data, 'db', 'lite.db'), `127.0.0.1:${port}`, 'ERROR'],
        env: { LD_LIBRARY_PATH: lib },
        data,
        log,
      });
      return { launched, ...place(port), ready: async () => listsCollections(port) };
    },
  };
}

/**
 * The files of the server, unpacked once; it would unpack them into each new data folder.
 * @param {string} version
 * @param {string} python
 * @returns {import('../install.js').Installation}
 */
function unpacked(version, python) {
  return {
    folder: `milvus-${version}-unpacked`,
    from: 'its Python package',
    async build(target, step) {
      await step(python, ['-c', 'import milvus, sys; milvus._initialize_data_files(sys.argv[1])', target]);
    },
  };
}

/** @param {number} port */
function place(port) {
  return { url: `http://127.0.0.1:${port}`, storeUrl: `milvus://127.0.0.1:${port}`, ports: { grpc: port } };
}

/** @param {number} port */
async function isHealthy(port) {
  const answer = await callGrpc(port, `${SERVICE}/CheckHealth`);
  return answer !== undefined && fieldOf(answer, 2) === 1 && listsCollections(port);
}

/** @param {number} port */
async function listsCollections(port) {
  const answer = await callGrpc(port, `${SERVICE}/ShowCollections`);
  if (answer === undefined) return false;
  const status = fieldOf(answer, 1);
  return !Buffer.isBuffer(status) || (fieldOf(status, 1) ?? 0) === 0;
}

/**
 * A field of a protobuf message that is a number below 2^31 or of a known length.
 * @param {Buffer} message
 * @param {number} wanted
 * @returns {number | Buffer | undefined}
 */
function fieldOf(message, wanted) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag % 8;
    const size = wireType === 1 ? 8 : wireType === 5 ? 4 : varint();
    const value = wireType === 0 ? size : message.subarray(at, at + size);
    if (wireType !== 0) at += size;
    if (Math.floor(tag / 8) === wanted) return value;
  }
  return undefined;
}
