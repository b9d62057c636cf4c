import type { OpenStore } from '@vecport/core';
import { type Dataset, openDataset } from '@vecport/dataset';
import { createProgressMeter, type Dispatch, importDataset, type TargetEvent } from '@vecport/transfer';
import {
  checkClusterFlags,
  checkClusterState,
  clusterDispatch,
  folderForWorkers,
  storeForWorkers,
} from '../cluster-work.js';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { commandLine, resumeWorkArguments } from '../command-line.js';
import { openDatasetStorage } from '../dataset-place.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { openJobFolder } from '../job-folder.js';
import { openWhole } from '../open-chain.js';
import { parityOf, quarantineFileOf, transformOf } from '../read-shared-flags.js';
import type { ClusterFlags, LayoutFlags, ParityFlags, TransformFlags } from '../shared-options.js';
import { usageError } from '../usage-error.js';
import { importOutcome } from './import-outcome.js';
import { PHASES } from './phases.js';

/** What can be typed after `vecport import`. */
export interface ImportFlags extends TransformFlags, ParityFlags, LayoutFlags, ClusterFlags {
  readonly from: readonly string[];
  readonly to: string;
  readonly collection?: string | undefined;
  readonly as?: string | undefined;
  readonly mode: 'create' | 'append' | 'replace';
  readonly force?: boolean | undefined;
  readonly batchSize?: number | undefined;
  readonly parallel?: number | undefined;
  readonly verify?: boolean | undefined;
  readonly resume?: boolean | undefined;
  readonly state?: string | undefined;
  readonly quarantine?: string | undefined;
  readonly allowQuarantine?: boolean | undefined;
}

/** More parts than a slice has. */
const WHOLE_SLICES = 1_000_000;

/** Import a dataset into a store. */
export async function runImport(flags: ImportFlags, context: CommandContext): Promise<CommandOutcome> {
  if (flags.mode === 'replace' && flags.force !== true) {
    throw usageError(
      '--mode replace drops the target collection with all its points.',
      'Add --force if that is meant.',
    );
  }
  await checkClusterFlags(flags, [flags.to], {
    '--layout': flags.layout,
    '--transform': flags.transform,
    '--re-embed': flags.reEmbed,
  });
  checkClusterState(flags);
  const { signal, progress } = context;
  const searchParity = parityOf(flags);
  const quarantine = await quarantineFileOf(flags.quarantine, context);
  const dataset = await openImported(flags, context);
  const transform = await transformOf(flags, context);
  return withHost(context, async (host) => {
    const store = await host.catalog.open(flags.to, { signal });
    const as = targetName(store, flags);
    const begun = performance.now();
    const events: TargetEvent[] = [];
    try {
      const report = await importDataset({
        dataset,
        transform,
        searchParity,
        quarantine,
        target: store,
        collection: flags.collection,
        as,
        mode: flags.mode,
        verify: flags.verify,
        parallel: flags.parallel,
        batchSize: flags.batchSize,
        state: await openJobFolder(
          'import',
          [...(flags.from.length > 1 ? flags.from : [dataset.storage.url]), store.url, flags.collection, as],
          flags.state,
          context,
        ),
        resume: flags.resume,
        dispatch: await dispatchOf(flags, as, context),
        signal,
        onTarget: (event) => events.push(event),
        onProgress: progress.listen({ ...PHASES, read: 'Importing' }, createProgressMeter()),
      });
      return importOutcome(report, store.url, performance.now() - begun, {
        moved: progress.moved,
        allowQuarantine: flags.allowQuarantine === true,
      });
    } catch (error) {
      throw importError(error, events, context);
    }
  });
}

/** With `append`, an increment alone is applied to what the store holds; else it is imported with its parents. */
export async function openImported(
  flags: Pick<ImportFlags, 'from' | 'mode' | 'layout' | 'metric' | 'collection'>,
  context: CommandContext,
): Promise<Dataset> {
  const { from, mode, layout } = flags;
  try {
    const [only] = from;
    if (mode === 'append' && layout === undefined && from.length === 1 && only !== undefined)
      return await openDataset(await openDatasetStorage(only, context), { signal: context.signal });
    return await openWhole(from, context, flags);
  } catch (error) {
    throw new CommandError(error, { damaged: true, advice: 'No point was written.' });
  }
}

async function dispatchOf(
  flags: ImportFlags,
  as: string | undefined,
  context: CommandContext,
): Promise<Dispatch | undefined> {
  if (flags.cluster === undefined || flags.state === undefined) return undefined;
  const datasets = flags.from.map((url) => folderForWorkers(url, context));
  const store = storeForWorkers(flags.to) ?? '';
  const state = folderForWorkers(flags.state, context);
  const { mode, collection, batchSize } = flags;
  const work = { kind: 'import', datasets, store, state, mode, collection, as, batchSize } as const;
  // A slice is a part of the dataset: to go on within one means to read it from its start.
  const whole = { ...flags, clusterParts: flags.clusterParts ?? WHOLE_SLICES };
  return clusterDispatch(whole, { work, from: datasets.join(', '), to: store }, context);
}

function targetName(store: OpenStore, { as }: ImportFlags): string | undefined {
  const { defaultCollection } = store;
  if (as !== undefined && defaultCollection !== undefined && as !== defaultCollection) {
    throw usageError(
      `The store URL names the target '${defaultCollection}', --as names '${as}'.`,
      'Leave one of them out.',
    );
  }
  return as ?? defaultCollection;
}

function importError(
  error: unknown,
  events: readonly TargetEvent[],
  { progress, args, terminal }: CommandContext,
): CommandError {
  const moved = progress.moved.size > 0;
  if (!moved && events.length === 0) return new CommandError(error, { damaged: true, advice: 'No point was written.' });
  return new CommandError(error, {
    begun: true,
    damaged: true,
    changed: droppedText(events),
    advice: moved ? 'What is written is kept.' : 'No point was written.',
    resume: commandLine(resumeWorkArguments(args), terminal.env),
    alsoResumable: MAY_COME_BACK,
  });
}

/** Errors of a target that was dropped, which is made again, and of files or answers that are damaged, and can be restored. */
export const MAY_COME_BACK = ['not-found', 'corrupt-data'] as const;

/** What was dropped on the way to an error, as a sentence. */
export function droppedText(events: readonly TargetEvent[]): string | undefined {
  const dropped = events.filter(({ change }) => change === 'dropped').map(({ collection }) => `'${collection}'`);
  if (dropped.length === 0) return undefined;
  return `What ${dropped.join(', ')} held before was dropped and is not in the store any more.`;
}
