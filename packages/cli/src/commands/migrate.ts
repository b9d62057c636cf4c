import type { Filter } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import {
  createProgressMeter,
  type Dispatch,
  foretellMigration,
  type Loss,
  type MigrateRequest,
  type MigrationReport,
  migrateCollections,
  type TargetEvent,
} from '@vecport/transfer';
import {
  checkClusterFlags,
  checkClusterState,
  clusterDispatch,
  folderForWorkers,
  storeForWorkers,
} from '../cluster-work.js';
import { chooseCollections, chosenTenants } from '../collections.js';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { commandLine, resumeWorkArguments } from '../command-line.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { openJobFolder } from '../job-folder.js';
import { listText } from '../output/collection-tables.js';
import { formatDuration } from '../output/format.js';
import { parityText, quarantineText } from '../output/parity-text.js';
import { parityOf, quarantineFileOf, transformOf } from '../read-shared-flags.js';
import type { ClusterFlags, ParityFlags, TransformFlags } from '../shared-options.js';
import { usageError } from '../usage-error.js';
import { droppedText, MAY_COME_BACK } from './import.js';
import { importTable, refusedText } from './import-outcome.js';
import { checkVia, migrateVia } from './migrate-via.js';
import { PHASES } from './phases.js';

/** What can be typed after `vecport migrate`. */
export interface MigrateFlags extends TransformFlags, ParityFlags, ClusterFlags {
  readonly from: string;
  readonly to: string;
  readonly collection?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
  readonly tenant?: readonly string[] | undefined;
  readonly as?: string | undefined;
  readonly mode: 'create' | 'append' | 'replace';
  readonly force?: boolean | undefined;
  readonly filter?: Filter | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly batchSize?: number | undefined;
  readonly parallel?: number | undefined;
  readonly verify?: boolean | undefined;
  readonly resume?: boolean | undefined;
  readonly state?: string | undefined;
  readonly via?: string | undefined;
  readonly quarantine?: string | undefined;
  readonly allowQuarantine?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Move collections of one store into another. */
export async function runMigrate(flags: MigrateFlags, context: CommandContext): Promise<CommandOutcome> {
  if (flags.mode === 'replace' && flags.force !== true && flags.dryRun !== true) {
    throw usageError(
      '--mode replace drops the target collection with all its points.',
      'Add --force if that is meant.',
    );
  }
  checkVia(flags.via);
  await checkClusterFlags(flags, [flags.from, flags.to], {
    '--via': flags.via,
    '--transform': flags.transform,
    '--re-embed': flags.reEmbed,
  });
  checkClusterState(flags);
  const read = {
    searchParity: parityOf(flags),
    quarantine: await quarantineFileOf(flags.quarantine, context),
    transform: await transformOf(flags, context),
  };
  return withHost(context, async (host) => {
    const { signal } = context;
    const source = await host.catalog.open(flags.from, { signal });
    const target = await host.catalog.open(flags.to, { signal });
    const choice = { collection: flags.collection ?? [], all: flags.all };
    const collections = await chooseCollections(source, choice, signal);
    const request = { ...requestOf(source, target, collections, flags), ...read };
    return flags.dryRun === true ? foretell(request, context) : migrate(request, { source, flags }, context);
  });
}

type Losses = Readonly<Record<string, readonly Loss[]>>;

async function foretell(request: MigrateRequest, { signal }: CommandContext): Promise<CommandOutcome> {
  const { source, target } = request;
  const losses = await foretellMigration({ ...request, signal });
  return {
    exitCode: EXIT_CODES.done,
    text: `Nothing was changed.${lossText(losses, source.provider, target.provider)}`,
    json: { command: 'migrate', dryRun: true, losses },
  };
}

interface Migrated {
  readonly source: OpenStore;
  readonly flags: MigrateFlags;
}

async function migrate(
  planned: MigrateRequest,
  { source, flags }: Migrated,
  context: CommandContext,
): Promise<CommandOutcome> {
  const { signal, progress } = context;
  const { target, collections } = planned;
  const begun = performance.now();
  const events: TargetEvent[] = [];
  try {
    const request: MigrateRequest = {
      ...planned,
      state: await openJobFolder(
        'migrate',
        [source.url, target.url, flags.as, ...(flags.via === undefined ? [] : [flags.via]), ...collections],
        flags.state,
        context,
      ),
      resume: flags.resume,
      dispatch: await dispatchOf(flags, planned.as, context),
      signal,
      onTarget: (event) => events.push(event),
      onProgress: progress.listen({ ...PHASES, read: 'Migrating' }, createProgressMeter()),
    };
    const { via } = flags;
    const report =
      via === undefined ? await migrateCollections(request) : await migrateVia({ via, source, request, context });
    return outcomeOf(report, { source, flags, target: request.target }, performance.now() - begun, context);
  } catch (error) {
    const moved = progress.moved.size > 0;
    throw new CommandError(error, {
      begun: moved || events.length > 0,
      changed: droppedText(events),
      advice: moved ? 'What is written is kept.' : 'No point was written.',
      resume: commandLine(resumeWorkArguments(context.args), context.terminal.env),
      alsoResumable: MAY_COME_BACK,
    });
  }
}

async function dispatchOf(
  flags: MigrateFlags,
  as: string | undefined,
  context: CommandContext,
): Promise<Dispatch | undefined> {
  if (flags.cluster === undefined || flags.state === undefined) return undefined;
  const source = storeForWorkers(flags.from) ?? '';
  const store = storeForWorkers(flags.to) ?? '';
  const state = folderForWorkers(flags.state, context);
  const work = { kind: 'migrate', source, store, state, as, batchSize: flags.batchSize } as const;
  return clusterDispatch(flags, { work, from: source, to: store }, context);
}

function requestOf(source: OpenStore, target: OpenStore, collections: readonly string[], flags: MigrateFlags) {
  return {
    source,
    target,
    collections,
    tenants: chosenTenants(source, flags),
    as: targetName(target, flags),
    mode: flags.mode,
    selection: { filter: flags.filter, fields: flags.fields },
    verify: flags.verify,
    parallel: flags.parallel,
    batchSize: flags.batchSize,
  };
}

function targetName({ defaultCollection }: OpenStore, { as }: MigrateFlags): string | undefined {
  if (as === undefined || defaultCollection === undefined || as === defaultCollection) return as ?? defaultCollection;
  throw usageError(
    `The store URL names the target '${defaultCollection}', --as names '${as}'.`,
    'Leave one of them out.',
  );
}

function outcomeOf(
  { collections, complete, resumed, warnings, quarantine, parity }: MigrationReport,
  { source, target, flags }: Migrated & Pick<MigrateRequest, 'target'>,
  milliseconds: number,
  { progress }: CommandContext,
): CommandOutcome {
  const losses = Object.fromEntries(collections.map(({ name, losses: own }) => [name, own]));
  const differences = collections.flatMap(({ target: name, comparison }) =>
    (comparison?.differences ?? []).map((difference) => `${name}: ${difference}`),
  );
  const equal = collections.every(({ comparison }) => comparison?.equal !== false);
  const done = complete || (flags.allowQuarantine === true && equal && parity?.ok !== false);
  return {
    exitCode: done ? EXIT_CODES.done : EXIT_CODES.incomplete,
    text: [
      importTable(collections, progress.moved, resumed),
      `From ${source.url} to ${target.url}`,
      `Done in ${formatDuration(milliseconds)}.${refusedText(collections)}${quarantineText(quarantine)}` +
        `${listText('Differences', differences)}${parityText(parity)}` +
        `${listText('Warnings', warnings)}${lossText(losses, source.provider, target.provider)}`,
    ].join('\n'),
    json: {
      command: 'migrate',
      from: source.url,
      to: target.url,
      complete,
      resumed,
      milliseconds: Math.round(milliseconds),
      collections,
      warnings,
      quarantine,
      parity,
      via: flags.via,
    },
  };
}

function lossText(losses: Losses, source: string, target: string): string {
  const lines = Object.entries(losses).flatMap(([name, own]) =>
    own.map(({ kind, reason }) => `${name}: ${kind}: ${reason}`),
  );
  const title = `What ${source} has and ${target} does not keep as it is`;
  return lines.length === 0 ? `\n${target} keeps everything of ${source}.` : listText(title, lines);
}
