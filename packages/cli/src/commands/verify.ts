import type { OpenStore } from '@vecport/core';
import { type Dataset, summarizeDataset } from '@vecport/dataset';
import {
  createProgressMeter,
  type LivingCollection,
  openCollection,
  type ParityOptions,
  type VerifyReport,
  verifyDataset,
} from '@vecport/transfer';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { openWhole } from '../open-chain.js';
import { collectionTable, listText } from '../output/collection-tables.js';
import { plural } from '../output/format.js';
import { parityText } from '../output/parity-text.js';
import { parityOf } from '../read-shared-flags.js';
import type { LayoutFlags, ParityFlags } from '../shared-options.js';
import { usageError } from '../usage-error.js';
import { PHASES } from './phases.js';

/** What can be typed after `vecport verify <dataset-url>`. */
export interface VerifyFlags extends ParityFlags, LayoutFlags {
  readonly against?: string | undefined;
}

/** Check a dataset, and compare it with a store when one is named. */
export async function runVerify(
  urls: readonly string[],
  flags: VerifyFlags,
  context: CommandContext,
): Promise<CommandOutcome> {
  const { signal } = context;
  const { against } = flags;
  const searchParity = parityOf(flags);
  if (searchParity !== undefined && against === undefined) {
    throw usageError('--search-parity compares with a store.', 'Name it with --against.');
  }
  try {
    const dataset = await openWhole(urls, context, flags);
    if (against === undefined) return await verify(dataset, {}, context);
    return await withHost(context, async (host) => {
      const store = await host.catalog.open(against, { signal });
      return verify(dataset, await repositoriesFor(dataset, store, signal), context, searchParity);
    });
  } catch (error) {
    throw new CommandError(error, { damaged: true, begun: context.progress.moved.size > 0 });
  }
}

async function verify(
  dataset: Dataset,
  against: Readonly<Record<string, LivingCollection>>,
  context: CommandContext,
  searchParity?: ParityOptions,
): Promise<CommandOutcome> {
  const { signal, progress } = context;
  const onProgress = progress.listen(PHASES, createProgressMeter());
  return outcomeOf(dataset, await verifyDataset({ dataset, against, searchParity, signal, onProgress }));
}

/** The collection of the store's URL for the stored one it is compared with; else the one of the same name for each. */
async function repositoriesFor(
  { manifest }: Dataset,
  store: OpenStore,
  signal: AbortSignal,
): Promise<Readonly<Record<string, LivingCollection>>> {
  const stored = manifest.collections.map(({ name }) => name);
  const { defaultCollection: named } = store;
  if (named !== undefined && stored.length > 1 && !stored.includes(named)) {
    throw usageError(
      `The dataset has several collections (${stored.join(', ')}) and none is called '${named}'.`,
      'Leave the collection out of the store URL to compare those of the same name.',
    );
  }
  const compared = named === undefined ? stored : stored.length === 1 ? stored : [named];
  const repositories: [string, LivingCollection][] = [];
  for (const name of compared) repositories.push([name, await openCollection(store, named ?? name, { signal })]);
  return Object.fromEntries(repositories);
}

function outcomeOf({ manifest, storage }: Dataset, report: VerifyReport): CommandOutcome {
  const { ok, validation, comparisons, parity } = report;
  const summary = summarizeDataset(manifest);
  const problems = validation.problems.map(({ message }) => message);
  const equal = comparisons.filter((comparison) => comparison.equal);
  const differences = comparisons.flatMap(({ collection, differences: found }) =>
    found.map((difference) => `${collection}: ${difference}`),
  );
  const files = validation.ok
    ? 'Every file is as it was written.'
    : `The dataset is damaged: ${plural(problems.length, 'problem')}.`;
  const compared = equal.map(
    ({ provider, collection, points }) => `\nEqual to ${provider} / ${collection}: ${plural(points, 'point')}.`,
  );
  return {
    exitCode: ok ? EXIT_CODES.done : EXIT_CODES.incomplete,
    text: [
      collectionTable(summary.collections),
      `Dataset: ${storage.url}`,
      `${files}${compared.join('')}${listText('Problems', problems)}${listText('Differences', differences)}${parityText(parity)}`,
    ].join('\n'),
    json: { command: 'verify', url: storage.url, ok, validation, comparisons, parity },
  };
}
