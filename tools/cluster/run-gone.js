// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { openStorage } from '@vecport/storage';
import { qdrantUrl } from './bench.js';
import { createLink } from './link.js';
import { openPassage } from './network.js';
import { partFiles, problemsOf, readOutcome } from './outcome.js';
import { bucketIn, startOwnServer } from './own-server.js';
import { startVecport } from './start-vecport.js';
import { startWorkers } from './workers.js';

/** What goes away for good in the middle of a run. @typedef {'queue' | 'bucket' | 'provider'} Gone */

/**
 * How such a run ended, and the one that went on with it.
 * @typedef {object} GoneRun
 * @property {Gone} gone
 * @property {number} exitCode
 * @property {number} failedAfter seconds between the loss and the end
 * @property {string} said the error, as it was printed
 * @property {number} committed parts that were committed then
 * @property {number} kept parts of those that the later run left as they were
 * @property {number} parts in the end
 * @property {number} points
 * @property {readonly string[]} problems
 */

/** @type {readonly Gone[]} */
export const GONE = ['queue', 'bucket', 'provider'];

const WORKERS = 2;
const RATE = 2000;
/** Within so many milliseconds a run has to fail when it lost what it cannot do without. */
const BOUND_MS = 120_000;
const PATIENCE = ['--patience', '8s', '--takeover', '3s', '--drain', '5s'];

/**
 * Export from a Qdrant into a bucket, lose one of the places for good, and go on later.
 * @param {import('./bench.js').QdrantBench} bench
 * @param {Gone} gone
 * @returns {Promise<GoneRun>}
 */
export async function runGone(bench, gone) {
  const [queue, store] = await Promise.all([startOwnServer('redis'), startOwnServer('s3')]);
  const bucket = bucketIn(store);
  const direct = openStorage(bucket.url, { environment: bucket.env });
  const links = { bucket: createLink(), provider: createLink() };
  const passages = {
    s3: await openPassage(links.bucket, store.port),
    http: await openPassage(links.provider, bench.ports.http),
    grpc: await openPassage(links.provider, bench.ports.grpc),
  };
  const source = qdrantUrl({ http: passages.http.port, grpc: passages.grpc.port });
  const to = bucketIn(store, passages.s3.port).url;
  const args = ['export', '--from', source, '--to', to, '--part-rows', String(bench.partRows), '--cluster', queue.url];
  const patient = ['--cluster-patience', '8s', '--cluster-attempts', '2', '--retries', '2'];
  try {
    const all = bench.expected.parts;
    const slow = [...args, ...patient, '--rate-limit', `${RATE}/s`];
    const lost = await withWorkers(queue.url, bucket.env, async () =>
      runUntilLost(slow, bucket.env, {
        direct,
        all,
        lose: async () => (gone === 'queue' ? queue.kill() : links[gone].refuse()),
      }),
    );
    const before = await partFiles(direct);
    if (gone === 'queue') await queue.restart({ empty: true });
    else links[gone].mend();
    await withWorkers(queue.url, bucket.env, async () => runToEnd([...args, ...patient, '--resume'], bucket.env));
    const after = await partFiles(direct);
    const outcome = await readOutcome(direct);
    const kept = [...before].filter(([path, state]) => after.get(path) === state).length;
    const problems = [...problemsOf(outcome, bench.expected), ...problemsOfLoss(lost, kept)];
    return { gone, ...lost, kept, parts: outcome.parts, points: outcome.points, problems };
  } finally {
    await Promise.all([queue.close(), store.close()]);
    for (const passage of Object.values(passages)) passage.close();
    for (const link of Object.values(links)) link.close();
  }
}

/** @param {Pick<GoneRun, 'exitCode' | 'failedAfter' | 'committed'>} lost @param {number} kept */
function problemsOfLoss({ exitCode, failedAfter, committed }, kept) {
  const problems = [];
  if (exitCode === 0) problems.push('the loss was no failure');
  if (failedAfter * 1000 > BOUND_MS) problems.push(`it took ${failedAfter} s to fail`);
  if (kept < committed) problems.push(`${committed - kept} committed parts were written again`);
  return problems;
}

/**
 * @template T
 * @param {string} cluster
 * @param {Readonly<Record<string, string>>} env
 * @param {() => Promise<T>} use
 */
async function withWorkers(cluster, env, use) {
  const workers = startWorkers({ cluster, count: WORKERS, env, flags: PATIENCE });
  try {
    await workers.ready();
    return await use();
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\n${workers.said()}`, { cause: error });
  } finally {
    await workers.stop();
  }
}

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} env
 * @param {{ direct: import('@vecport/storage').Storage, all: number, lose: () => Promise<void> | void }} parts
 */
async function runUntilLost(args, env, { direct, all, lose }) {
  const child = startVecport([...args, '--json'], env);
  let ended = false;
  const exit = child.exit.finally(() => {
    ended = true;
  });
  while (!ended && (await partFiles(direct)).size < all * 0.3) await delay(100);
  await lose();
  const begun = performance.now();
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * BOUND_MS);
  const { code, stdout, stderr } = await exit;
  clearTimeout(timer);
  const committed = await committedIn(direct);
  const said = messageIn(stdout) ?? `${stdout}${stderr}`;
  const failedAfter = Math.round((performance.now() - begun) / 100) / 10;
  return { exitCode: code ?? -1, failedAfter, said, committed };
}

/** Parts that checkpoints vouch for. @param {import('@vecport/storage').Storage} storage */
async function committedIn(storage) {
  let parts = 0;
  for await (const { path } of storage.list('state/')) {
    if (!/slice-\d+\.json$/.test(path)) continue;
    const text = Buffer.from(await storage.read(path)).toString();
    parts += /** @type {{ parts: readonly unknown[] }} */ (JSON.parse(text)).parts.length;
  }
  return parts;
}

/** @param {readonly string[]} args @param {Readonly<Record<string, string>>} env */
async function runToEnd(args, env) {
  const child = startVecport(args, env);
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * BOUND_MS);
  const { code, stdout, stderr } = await child.exit;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`vecport ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
}

/** What is printed as the error, `undefined` when it is none. @param {string} stdout */
function messageIn(stdout) {
  try {
    return /** @type {{ error?: { message: string } }} */ (JSON.parse(stdout)).error?.message;
  } catch {
    return undefined;
  }
}
