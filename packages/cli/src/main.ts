#!/usr/bin/env node
import { EXIT_CODES } from './exit-codes.js';
import { keepMemoryFlat } from './keep-memory-flat.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 15)) {
  keepMemoryFlat();
  await start();
} else {
  process.stderr.write(`vecport: This is Node ${process.versions.node}. Vecport needs Node 22.15 or newer.\n`);
  process.exitCode = EXIT_CODES.failed;
}

/** Imported only here: older versions of Node cannot load the rest. */
async function start(): Promise<void> {
  const [{ run }, { processTerminal }] = await Promise.all([import('./run.js'), import('./terminal.js')]);
  // A reader that has seen enough (`vecport inspect … | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await run(process.argv.slice(2), processTerminal());
}
