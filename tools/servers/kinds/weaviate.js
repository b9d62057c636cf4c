// @ts-check
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { goInstallation } from '../install.js';
import { launchIsolated } from '../isolate.js';
import { answers, callGrpc } from '../requests.js';

const HTTP = 8080;
const GRPC = 50_051;

/**
 * Weaviate, compiled from its Go module. Its gRPC port and its cluster port listen on every interface whatever it is
 * told: so it runs in a network of its own.
 * @param {string} name
 * @param {string} version
 * @returns {import('./server.js').Server}
 */
export function weaviateServer(name, version) {
  const program = `github.com/weaviate/weaviate/cmd/weaviate-server@v${version}`;
  return {
    name,
    version,
    weight: 1,
    installation: goInstallation(`weaviate-${version}`, program),
    start: startWeaviate,
  };
}

/**
 * @param {import('./server.js').Run} run
 * @returns {Promise<import('./server.js').Started>}
 */
async function startWeaviate({ home, data, log }) {
  const folders = { objects: join(data, 'objects'), backups: join(data, 'backups'), exports: join(data, 'exports') };
  await Promise.all(Object.values(folders).map(async (folder) => mkdir(folder)));
  const { launched, ports, innerPorts } = await launchIsolated(
    {
      command: join(home, 'weaviate-server'),
      args: ['--host', '127.0.0.1', '--port', String(HTTP), '--scheme', 'http', ...timeouts()],
      env: settings(folders),
      data,
      log,
    },
    { http: HTTP, grpc: GRPC },
  );
  const { http, grpc } = ports;
  return {
    launched,
    url: `http://127.0.0.1:${http}`,
    storeUrl: `weaviate://127.0.0.1:${http}?grpc-port=${grpc}`,
    ports,
    innerPorts,
    ready: async () =>
      (await answers(`http://127.0.0.1:${http}/v1/.well-known/ready`)) &&
      (await answers(`http://127.0.0.1:${http}/v1/schema`)) &&
      (await callGrpc(grpc, '/grpc.health.v1.Health/Check')) !== undefined,
  };
}

function timeouts() {
  return ['--read-timeout', '600s', '--write-timeout', '600s'];
}

/**
 * @param {{ objects: string, backups: string, exports: string }} folders
 * @returns {Record<string, string>}
 */
function settings({ objects, backups, exports }) {
  return {
    PERSISTENCE_DATA_PATH: objects,
    AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: 'true',
    DEFAULT_VECTORIZER_MODULE: 'none',
    API_BASED_MODULES_DISABLED: 'true',
    // Its own export to Parquet, against which ours is measured, writes where backups go.
    ENABLE_MODULES: 'backup-filesystem',
    BACKUP_FILESYSTEM_PATH: backups,
    EXPORT_ENABLED: 'true',
    EXPORT_DEFAULT_PATH: exports,
    GRPC_PORT: String(GRPC),
    // A cluster of one that looks for nobody.
    CLUSTER_HOSTNAME: 'node1',
    CLUSTER_IN_LOCALHOST: 'true',
    CLUSTER_BIND_ADDR: '127.0.0.1',
    CLUSTER_ADVERTISE_ADDR: '127.0.0.1',
    RAFT_JOIN: 'node1',
    RAFT_BOOTSTRAP_EXPECT: '1',
    RAFT_TIMEOUTS_MULTIPLIER: '1',
    DISABLE_TELEMETRY: 'true',
    GO_PROFILING_DISABLE: 'true',
    PROMETHEUS_MONITORING_ENABLED: 'false',
    LOG_LEVEL: 'warning',
    // A full disk of the machine must not make it read-only.
    DISK_USE_WARNING_PERCENTAGE: '0',
    DISK_USE_READONLY_PERCENTAGE: '0',
    MEMORY_WARNING_PERCENTAGE: '0',
    MEMORY_READONLY_PERCENTAGE: '0',
  };
}
