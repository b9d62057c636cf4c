// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { openStorage } from '@vecport/storage';
import { qdrantUrl } from './bench.js';
import { createLink } from './link.js';
import { canMakeNetworks, openPassage, startFarWorker } from './network.js';
import { partFiles, problemsOf, readOutcome } from './outcome.js';
import { bucketIn, startOwnServer } from './own-server.js';
import { runVecport, startVecport } from './start-vecport.js';
import { startWorkers, stopChild, untilReady, workerArgs } from './workers.js';

/**
 * How a run over slow links went.
 * @typedef {object} NetworkRun
 * @property {string} how whether the workers were in networks of their own
 * @property {number} workers
 * @property {number} cutOff workers that were cut off
 * @property {number} cutMs how long they were cut off
 * @property {number} partsAtCut parts that were committed when they were cut off, and when they were back
 * @property {number} partsAfterCut
 * @property {number} parts
 * @property {number} points
 * @property {number} duplicates
 * @property {number} megabytes that the links carried
 * @property {number} seconds
 * @property {readonly string[]} problems
 */

const WORKERS = 4;
const SHAPE = { delayMs: 40, bytesPerSecond: 2_000_000 };
const RATE = 1000;
const MOST_MS = 300_000;
/** What is told about the links. */
export const LINK_SHAPE = `${SHAPE.delayMs} ms each way and ${SHAPE.bytesPerSecond / 1e6} MB/s in each direction`;

/**
 * Export from a Qdrant into a bucket with workers behind slow links, some of which are cut off for a while.
 * @param {import('./bench.js').QdrantBench} bench
 * @param {{ cutMs: number }} options
 * @returns {Promise<NetworkRun>}
 */
export async function runNetwork(bench, { cutMs }) {
  const [queue, store] = await Promise.all([startOwnServer('redis'), startOwnServer('s3')]);
  const bucket = bucketIn(store);
  const direct = openStorage(bucket.url, { environment: bucket.env });
  const ports = { queue: queue.port, s3: store.port, http: bench.ports.http, grpc: bench.ports.grpc };
  const far = canMakeNetworks() ? farWorkers(queue.url, ports, bucket.env) : await nearWorkers(queue.url, ports, store);
  const { source = bench.source, to = bucket.url, cluster = queue.url } = far;
  try {
    await far.ready();
    const begun = performance.now();
    const work = ['--part-rows', String(bench.partRows), '--rate-limit', `${RATE}/s`];
    const args = ['export', '--from', source, '--to', to, ...work, '--cluster', cluster];
    const cut = await exportWithCut(args, bucket.env, { direct, all: bench.expected.parts, cutMs, far });
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    const outcome = await readOutcome(direct);
    const problems = [...problemsOf(outcome, bench.expected)];
    await runVecport(['verify', bucket.url], bucket.env).catch((error) => problems.push(error.message));
    const { points, duplicates, parts } = outcome;
    const carried = { megabytes: Math.round(far.bytes() / 1e5) / 10 };
    return {
      ...{ how: far.how, workers: WORKERS, cutOff: far.cutOff, cutMs, ...cut },
      ...{ parts, points, duplicates, ...carried, seconds, problems },
    };
  } finally {
    await far.stop();
    await Promise.all([queue.close(), store.close()]);
  }
}

/**
 * @typedef {object} Far
 * @property {string} how
 * @property {number} cutOff
 * @property {string} [source]
 * @property {string} [to]
 * @property {string} [cluster]
 * @property {() => Promise<void>} ready
 * @property {() => void} cut
 * @property {() => void} mend
 * @property {() => number} bytes
 * @property {() => Promise<void>} stop
 * @property {() => string} said
 */

/**
 * @param {string} cluster
 * @param {Readonly<Record<string, number>>} ports
 * @param {Readonly<Record<string, string>>} env
 * @returns {Far}
 */
function farWorkers(cluster, ports, env) {
  const workers = Array.from({ length: WORKERS }, (_, at) =>
    startFarWorker({ args: workerArgs(cluster, at + 1), env, ports: Object.values(ports), shape: SHAPE }),
  );
  const lost = workers.slice(0, WORKERS / 2);
  return {
    how: 'workers in network namespaces of their own, each behind a link of its own',
    cutOff: lost.length,
    ready: async () => void (await Promise.all(workers.map(untilReady))),
    cut: () => {
      for (const { link } of lost) link.cut();
    },
    mend: () => {
      for (const { link } of lost) link.mend();
    },
    bytes: () => workers.reduce((sum, { link }) => sum + link.bytes(), 0),
    stop: async () => void (await Promise.all(workers.map(stopChild))),
    said: () => workers.map(({ said }) => said()).join(''),
  };
}

/**
 * Where no networks can be made: everybody, also the process that gives the work, goes over one link.
 * @param {string} queueUrl
 * @param {{ queue: number, s3: number, http: number, grpc: number }} ports
 * @param {import('./own-server.js').OwnServer} store
 * @returns {Promise<Far>}
 */
async function nearWorkers(queueUrl, ports, store) {
  const link = createLink(SHAPE);
  const [queue, s3, http, grpc] = await Promise.all(
    [ports.queue, ports.s3, ports.http, ports.grpc].map(async (port) => openPassage(link, port)),
  );
  if (!queue || !s3 || !http || !grpc) throw new Error('A passage is missing.');
  const cluster = queueUrl.replace(`:${ports.queue}`, `:${queue.port}`);
  const workers = startWorkers({ cluster, count: WORKERS, env: store.env });
  return {
    how: 'one link for all, as no network namespaces could be made',
    cutOff: WORKERS,
    source: qdrantUrl({ http: http.port, grpc: grpc.port }),
    to: bucketIn(store, s3.port).url,
    cluster,
    ready: async () => workers.ready(),
    cut: () => link.cut(),
    mend: () => link.mend(),
    bytes: () => link.bytes(),
    stop: async () => {
      await workers.stop();
      for (const passage of [queue, s3, http, grpc]) passage.close();
      link.close();
    },
    said: () => workers.said(),
  };
}

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env
 * @param {{ direct: import('@vecport/storage').Storage, all: number, cutMs: number, far: Far }} parts
 */
async function exportWithCut(args, env, { direct, all, cutMs, far }) {
  const child = startVecport(args, env);
  let ended = false;
  const exit = child.exit.finally(() => {
    ended = true;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  let [partsAtCut, partsAfterCut] = [0, 0];
  while (!ended && partsAtCut === 0) {
    await delay(200);
    const { size } = await partFiles(direct);
    if (size >= all * 0.2) partsAtCut = size;
  }
  if (!ended) {
    far.cut();
    await delay(cutMs);
    far.mend();
    partsAfterCut = (await partFiles(direct)).size;
  }
  const { code, stdout, stderr } = await exit;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`The export ended with ${code}:\n${stdout}${stderr}\n${far.said()}`);
  return { partsAtCut, partsAfterCut };
}
