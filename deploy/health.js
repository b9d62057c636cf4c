// Tells Docker whether the container is well: exit code 0 or 1, with a line that says why not. A service is asked at
// VECPORT_HEALTH_URL. A worker listens at no port: it is well while its process is there and neither stopped nor dead;
// whether it takes parts is told by `vecport cluster status`.
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

const url = process.env['VECPORT_HEALTH_URL'];
try {
  await check();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function check() {
  if (url === undefined || url === '') return checkProcess();
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}.`);
}

function checkProcess() {
  const states = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(stateOf);
  if (states.length === 0) throw new Error('There is no process of vecport.');
  const bad = states.filter((state) => 'TtZX'.includes(state));
  if (bad.length === states.length) throw new Error(`The process of vecport is in the state ${bad[0]}.`);
}

function stateOf(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const [program = '', ...words] = command;
    // Not an init process that has the command as its arguments.
    if (!/(^|\/)node$/.test(program) || !words.some((word) => /\/(vecport|dist\/main\.js)$/.test(word))) return [];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return [stat.slice(stat.lastIndexOf(')') + 2)[0]];
  } catch {
    return [];
  }
}
