// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';

/*
 * Runs in a network namespace that has nothing but an idle loopback interface. Takes listening sockets of the network
 * outside from its parent, forwards what comes in there to ports in here, runs the server, and ends when it ends.
 */
execFileSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });

process.on('message', (message, handle) => {
  if (handle !== undefined) forward(/** @type {import('node:net').Server} */ (handle), Object(message).innerPort);
  else start(Object(message).command, Object(message).args);
});

/**
 * @param {import('node:net').Server} server
 * @param {number} port
 */
function forward(server, port) {
  // One side may have said everything while the other still answers.
  Object.assign(server, { allowHalfOpen: true });
  server.on('connection', (outer) => {
    const inner = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    join(outer, inner);
    join(inner, outer);
  });
}

/**
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 */
function join(from, to) {
  from.setNoDelay(true);
  from.pipe(to);
  from.once('error', () => to.destroy());
  from.once('close', () => to.destroySoon());
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function start(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  child.once('error', (error) => {
    console.error(String(error));
    process.exitCode = 127;
    process.kill(process.pid, 'SIGKILL');
  });
  child.once('exit', (code) => process.exit(code ?? 1));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.send?.('started');
}
