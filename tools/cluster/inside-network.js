// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/*
 * Runs in a network namespace that has nothing but an idle loopback interface. Listens there at the ports it is told,
 * hands the listening sockets to its parent, which carries what comes in to the network outside, and runs a command
 * that has no other way out. Ends when that ends.
 */
execFileSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });
process.once('message', (message) => {
  const { ports, command, args } = /** @type {{ ports: number[], command: string, args: string[] }} */ (message);
  void run(ports, command, args);
});
process.on('SIGTERM', () => {});

/**
 * @param {readonly number[]} ports
 * @param {string} command
 * @param {readonly string[]} args
 */
async function run(ports, command, args) {
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await handOver(port, server);
    // Otherwise some connections would come here.
    server.close();
  }
  const child = spawn(command, args, { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'exit');
  process.exit(code ?? 1);
}

/** @param {number} port @param {import('node:net').Server} server */
async function handOver(port, server) {
  await new Promise((resolve, reject) => {
    process.send?.({ port }, server, {}, (error) => (error ? reject(error) : resolve(undefined)));
  });
}
