import type { Command as Program } from 'commander';
import type { Command } from './command-context.js';
import type { ServeFlags } from './commands/serve.js';
import { collectText, parseText } from './parse-options.js';
import { usageError } from './usage-error.js';

/** Adds `vecport serve` to the program. */
export function addServe(program: Program, execute: (command: Command) => Promise<void>): Program {
  return program
    .command('serve')
    .description('run the REST service for exports, imports and schedules; see docs/export-service.md')
    .option('--port <n>', 'the port to listen at; 0 for any free one (default: 8080)', parsePort)
    .option('--host <address>', 'the address to listen at (default: 127.0.0.1, this machine only)', parseText)
    .option('--data <folder>', 'where it keeps its state, keys and service.json', parseText, '.vecport/service')
    .option(
      '--store <name=url>',
      'a store that requests may name; may be given several times, the first is the default one (default: VECPORT_STORE)',
      collectText,
    )
    .option(
      '--bucket <backend=name>',
      'a bucket that requests may name, e.g. s3=exports; may be given several times',
      collectText,
    )
    .option('--add-key <name>', 'make an API key, print it once, and end', parseText)
    .option(
      '--grant <action:pattern>',
      'with --add-key: read, manage, admin or metrics, of the collections that fit the pattern; may be given several times',
      collectText,
    )
    .option('--list-keys', 'list the API keys, without the keys themselves, and end')
    .option('--remove-key <id>', 'remove an API key by its id or name, and end', parseText)
    .addHelpText(
      'after',
      `
Examples:
  vecport serve --port 8080 --data service --store main=lancedb:./data
  vecport serve --data service --store main=weaviate://localhost:8080 --bucket s3=weaviate-exports
  vecport serve --data service --add-key ci --grant read:Article* --grant metrics
  vecport serve --data service --host 0.0.0.0`,
    )
    .action(async (flags: ServeFlags) =>
      execute(async (context) => (await import('./commands/serve.js')).runServe(flags, context)),
    );
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw usageError(`'${text}' is no port.`, 'Give a number from 0 to 65535.');
}
