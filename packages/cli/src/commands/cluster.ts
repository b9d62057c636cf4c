import { type ClusterStatus, cancelRun, clusterStatus, type RunStatus } from '@vecport/cluster';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { listText } from '../output/collection-tables.js';
import { formatCount } from '../output/format.js';
import { renderTable, type TableColumn } from '../output/render-table.js';
import { queueOf } from '../queue-of.js';
import { usageError } from '../usage-error.js';

/** What can be typed after `vecport cluster status` and `cancel`. */
export interface ClusterViewFlags {
  readonly cluster?: string | undefined;
}

/** Show what a cluster does. */
export async function runClusterStatus(flags: ClusterViewFlags, context: CommandContext): Promise<CommandOutcome> {
  const status = await clusterStatus(await queueOf(flags, context));
  return { exitCode: EXIT_CODES.done, text: statusText(status), json: { command: 'cluster status', ...status } };
}

/** Cancel a run. */
export async function runClusterCancel(
  run: string,
  flags: ClusterViewFlags,
  context: CommandContext,
): Promise<CommandOutcome> {
  const { state } = await cancelRun(await queueOf(flags, context), run);
  if (state !== 'cancelled')
    throw usageError(`The run ${run} has ended already: it is ${state}.`, 'Leave it as it is.');
  return {
    exitCode: EXIT_CODES.done,
    text: `The run ${run} is cancelled; its workers stop within seconds.`,
    json: { command: 'cluster cancel', run, state },
  };
}

function statusText({ workers, runs, queues }: ClusterStatus): string {
  const counts = Object.entries(queues['slices'] ?? {}).flatMap(([state, count]) =>
    count > 0 ? `${count} ${state}` : [],
  );
  const failures = runs.flatMap(({ run, failures: own }) =>
    own.map(({ collection, slice, reason }) => `${run}: ${collection}, slice ${slice}: ${reason}`),
  );
  return [
    workers.length === 0 ? 'No worker is there.' : workerTable(workers),
    runs.length === 0 ? 'No run is known.' : runTable(runs),
    `Slices in the queue: ${counts.length === 0 ? 'none' : counts.join(', ')}.${listText('Given up', failures)}`,
  ].join('\n');
}

function workerTable(workers: ClusterStatus['workers']): string {
  return renderTable(
    columns(['Worker', 'Host'], ['At work', 'Turns', 'Parts', 'Points', 'Points/s', 'Failures']),
    workers.map((one) => [
      one.draining ? `${one.name} (ends)` : one.name,
      one.host,
      `${one.active.length} of ${one.concurrency}`,
      ...[one.turns, one.parts, one.points, one.pointsPerSecond, one.failures].map(formatCount),
    ]),
  );
}

function runTable(runs: readonly RunStatus[]): string {
  return renderTable(
    columns(['Run', 'Work', 'State'], ['Waiting', 'Active', 'Done', 'Given up', 'Points', 'Points/s']),
    runs.map(({ run, kind, state, slices, points, pointsPerSecond }) => [
      run,
      kind,
      state,
      ...[slices.waiting, slices.active, slices.done, slices.quarantined, points, pointsPerSecond].map(formatCount),
    ]),
  );
}

function columns(texts: readonly string[], numbers: readonly string[]): readonly TableColumn[] {
  return [...texts.map((title) => ({ title })), ...numbers.map((title) => ({ title, align: 'right' as const }))];
}
