// @ts-check
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cachePath } from './cache.js';
import { pickServers } from './catalog.js';
import { locked } from './lock.js';
import { isAlive } from './processes.js';
import { endRun, readState, shownUrl, stateNames } from './state.js';
import { bringAllUp } from './up.js';

const USAGE = `npm run servers -- up [NAME...]      install and start servers, all of them when none is named
npm run servers -- down [NAME...]    stop them and remove their data
npm run servers -- status [--json]   which servers run, and where
npm run servers -- logs NAME         what a server has written
`;

const aborter = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => aborter.abort(new Error(`Stopped by ${signal}.`)));
}

const [command, ...args] = process.argv.slice(2);
try {
  await main();
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}

async function main() {
  if (process.platform !== 'linux') throw new Error('The servers are started on Linux only.');
  if (command === 'up') await up(args);
  else if (command === 'down') await down(args);
  else if (command === 'status') await status(args.includes('--json'));
  else if (command === 'logs' && args.length === 1) await logs(args[0] ?? '');
  else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

/** @param {readonly string[]} names */
async function up(names) {
  const missing = await bringAllUp(pickServers(names), aborter.signal);
  if (missing.length > 0) process.exitCode = 1;
}

/** @param {readonly string[]} names */
async function down(names) {
  const wanted = names.length === 0 ? stateNames() : pickServers(names).map(({ name }) => name);
  await Promise.all(
    wanted.map(async (name) => {
      const say = (/** @type {string} */ text) => console.log(`${name}: ${text}`);
      try {
        await locked(
          name,
          async () => say(await stop(name)),
          (pid) => say(`waits for process ${pid}, which works on it`),
        );
      } catch (error) {
        say(`FAILED. ${/** @type {Error} */ (error).message}`);
        process.exitCode = 1;
      }
    }),
  );
}

/** @param {string} name */
async function stop(name) {
  const state = readState(name);
  if (state === undefined) return 'does not run';
  await endRun(state);
  return 'stopped';
}

/** @param {boolean} json */
async function status(json) {
  const states = stateNames().map((name) => readState(name));
  const running = [];
  for (const state of states) {
    if (state === undefined) continue;
    if (isAlive(state)) running.push(state);
    else {
      await locked(
        state.name,
        async () => endStale(state.name),
        () => {},
      );
      if (!json) console.log(`${state.name}: ended by itself; its data is removed, its log is ${state.log}`);
    }
  }
  if (json) console.log(JSON.stringify(running, undefined, 2));
  else if (running.length === 0) console.log('No server runs.');
  else for (const state of running) console.log(line(state));
}

/** @param {string} name */
async function endStale(name) {
  const state = readState(name);
  if (state !== undefined && !isAlive(state)) await endRun(state);
}

/** @param {import('./state.js').ServerState} state */
function line({ name, version, ready, pid, storeUrl, enter }) {
  const inside = enter === undefined ? '' : `, inside: ${enter.join(' ')}`;
  return `${name.padEnd(16)} ${version.padEnd(8)} ${ready ? 'up' : 'starting'}  ${shownUrl(storeUrl)}  (pid ${pid}${inside})`;
}

/** @param {string} name */
async function logs(name) {
  pickServers([name]);
  await pipeline(createReadStream(cachePath('logs', `${name}.log`)), process.stdout, { end: false });
}
