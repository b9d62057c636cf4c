import type { Command as Program } from 'commander';
import type { Command } from './command-context.js';
import type { ClusterViewFlags } from './commands/cluster.js';
import type { WorkerFlags } from './commands/worker.js';
import { parseCount, parseDuration, parseText } from './parse-options.js';

type Execute = (command: Command) => Promise<void>;

const QUEUE = 'the queue: redis://, rediss:// or postgres:// (default: VECPORT_CLUSTER)';

/** Adds `vecport worker` to the program. */
export function addWorker(program: Program, execute: Execute): Program {
  return program
    .command('worker')
    .description('work on exports, imports and migrations that were given to a cluster, until SIGTERM or SIGINT')
    .option('--cluster <url>', QUEUE, parseText)
    .option('--concurrency <n>', 'slices worked on at the same time (default: 1)', parseCount)
    .option('--name <name>', 'what it is called (default: the name of this machine and the process)', parseText)
    .option('--patience <duration>', 'end when the queue did not answer for so long (default: 2m)', parseDuration)
    .option(
      '--takeover <duration>',
      'how long it may be silent before its work is given to another worker (default: 10s)',
      parseDuration,
    )
    .option('--drain <duration>', 'how long begun parts may take at the end (default: 20s)', parseDuration)
    .addHelpText(
      'after',
      `
Secrets of stores and buckets do not go through the queue: a worker takes them from its own environment.

Examples:
  vecport worker --cluster redis://queue:6379
  vecport worker --cluster postgres://vecport@queue/jobs --concurrency 4 --name east-1`,
    )
    .action(async (flags: WorkerFlags) =>
      execute(async (context) => (await import('./commands/worker.js')).runWorker(flags, context)),
    );
}

/** Adds `vecport cluster` with what can be asked of a cluster, and gives those commands. */
export function addClusterViews(program: Program, execute: Execute): readonly Program[] {
  const cluster = program.command('cluster').description('look at a cluster, or cancel a run');
  const status = cluster
    .command('status')
    .description('show workers, queues and runs')
    .option('--cluster <url>', QUEUE, parseText)
    .action(async (flags: ClusterViewFlags) =>
      execute(async (context) => (await import('./commands/cluster.js')).runClusterStatus(flags, context)),
    );
  const cancel = cluster
    .command('cancel')
    .description('stop a run on all machines; what is committed is kept')
    .argument('<run>', 'as status shows it', parseText)
    .option('--cluster <url>', QUEUE, parseText)
    .action(async (run: string, flags: ClusterViewFlags) =>
      execute(async (context) => (await import('./commands/cluster.js')).runClusterCancel(run, flags, context)),
    );
  return [status, cancel];
}
