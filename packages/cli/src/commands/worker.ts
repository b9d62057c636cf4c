import { hostname } from 'node:os';
import { DEFAULT_PATIENCE_MS, parseClusterUrl, runClusterWorker } from '@vecport/cluster';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { openDatasetStorage } from '../dataset-place.js';
import { EXIT_CODES } from '../exit-codes.js';
import { withHost } from '../host.js';
import { plural } from '../output/format.js';
import { queueOf } from '../queue-of.js';
import { openImported } from './import.js';

/** What can be typed after `vecport worker`. */
export interface WorkerFlags {
  readonly cluster?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly name?: string | undefined;
  readonly patience?: number | undefined;
  readonly takeover?: number | undefined;
  readonly drain?: number | undefined;
}

const DEFAULT_TAKEOVER_MS = 10_000;
const DEFAULT_DRAIN_MS = 20_000;

/** Work for a cluster until the process is asked to end. */
export async function runWorker(flags: WorkerFlags, context: CommandContext): Promise<CommandOutcome> {
  const cluster = await queueOf(flags, context);
  const { shown } = parseClusterUrl(cluster);
  const { name = `${hostname()}-${process.pid}`, concurrency = 1 } = flags;
  return withHost(context, async ({ catalog }) => {
    const done = await runClusterWorker({
      ...{ name, concurrency, cluster, signal: context.signal },
      patienceMs: flags.patience ?? DEFAULT_PATIENCE_MS,
      takeoverMs: flags.takeover ?? DEFAULT_TAKEOVER_MS,
      drainMs: flags.drain ?? DEFAULT_DRAIN_MS,
      openStore: async (url, settings) => catalog.open(url, { settings }),
      openStorage: async (url) => openDatasetStorage(url, context),
      openDataset: async (from, mode) => openImported({ from, mode }, context),
      onReady: () => context.note(`worker ${name} is ready, ${plural(concurrency, 'slice')} at a time, at ${shown}`),
      onLine: context.note,
    });
    return {
      exitCode: EXIT_CODES.done,
      text: `The worker has ended: ${plural(done.turns, 'turn')}, ${plural(done.parts, 'part')}, ${plural(done.points, 'point')}.`,
      json: { command: 'worker', ...done },
    };
  });
}
