import { type Dataset, type DatasetSummary, inspectCollection, summarizeDataset } from '@vecport/dataset';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { openOne, openWhole } from '../open-chain.js';
import { collectionTable, listText } from '../output/collection-tables.js';
import { encodingText } from '../output/encoding-text.js';
import { formatBytes, plural } from '../output/format.js';
import type { LayoutFlags } from '../shared-options.js';
import { type Sample, sampleJson, sampleText } from './inspect-samples.js';
import { schemaTable } from './inspect-schema.js';
import { type MeasuredVectors, measureVectors, statisticsTable } from './inspect-statistics.js';

/** What can be typed after `vecport inspect <dataset-url>`. */
export interface InspectFlags extends LayoutFlags {
  readonly samples?: number | undefined;
  readonly statistics?: boolean | undefined;
}

/** Show what a dataset holds. Reads the manifest, of the parts what the samples need, and all of them for statistics. */
export async function runInspect(url: string, flags: InspectFlags, context: CommandContext): Promise<CommandOutcome> {
  try {
    const dataset = await openInspected(url, flags, context);
    const { storage } = dataset;
    const summary = summarizeDataset(dataset.manifest);
    const samples =
      flags.samples === undefined ? undefined : await takeSamples(dataset, summary, flags.samples, context.signal);
    const statistics = flags.statistics === true ? await measureAll(dataset, summary, context) : undefined;
    return {
      exitCode: EXIT_CODES.done,
      text: [
        inspectionText(summary, storage.url),
        schemaTable(summary.collections),
        ...(statistics === undefined ? [] : [statisticsTable(statistics)]),
        ...(samples ?? []).map(sampleText),
      ].join('\n'),
      json: {
        command: 'inspect',
        url: storage.url,
        ...summary,
        statistics: statistics && Object.fromEntries(statistics),
        samples:
          samples &&
          Object.fromEntries(
            samples.map(({ collection, rows }) => [collection.name, rows.map((row) => sampleJson(collection, row))]),
          ),
      },
    };
  } catch (error) {
    throw new CommandError(error, { damaged: true });
  }
}

/** An increment is shown as it is, without what it was made against. */
async function openInspected(url: string, flags: InspectFlags, context: CommandContext): Promise<Dataset> {
  return flags.layout === undefined ? openOne(url, context) : openWhole([url], context, flags);
}

async function takeSamples(
  dataset: Dataset,
  summary: DatasetSummary,
  count: number,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const taken: Sample[] = [];
  for (const collection of summary.collections) {
    const { sample } = await inspectCollection(dataset, dataset.collection(collection.name), { sample: count, signal });
    taken.push({ collection, rows: sample });
  }
  return taken;
}

async function measureAll(
  dataset: Dataset,
  summary: DatasetSummary,
  context: CommandContext,
): Promise<ReadonlyMap<string, MeasuredVectors>> {
  const measured = new Map<string, MeasuredVectors>();
  for (const { name } of summary.collections) measured.set(name, await measureVectors(dataset, name, context));
  context.progress.end();
  return measured;
}

function inspectionText(summary: DatasetSummary, url: string): string {
  const { tool, source, encoding } = summary;
  const server = source.version === undefined ? '' : ` ${source.version}`;
  const facts: readonly (readonly [string, string])[] = [
    ['Dataset', `${summary.id} (format ${summary.formatVersion})`],
    ['Where', url],
    ['Source', `${source.provider}${server}${source.url === undefined ? '' : `, ${source.url}`}`],
    ['Exported', `${summary.startedAt} to ${summary.completedAt} by ${tool.name} ${tool.version}`],
    ['Files', `${plural(summary.parts, 'part')}, ${formatBytes(summary.bytes)}, ${encodingText(encoding)}`],
    ...(summary.parent === undefined ? [] : [['Since', `an increment to ${summary.parent.id}`] as const]),
    ['Points', plural(summary.points, 'point')],
    ['Digest', summary.digest],
  ];
  const head = facts.map(([name, value]) => `${name.padEnd(9)} ${value}`).join('\n');
  const partial = summary.collections.filter((collection) => collection.partial).map(({ name }) => name);
  return (
    [head, collectionTable(summary.collections)].join('\n') +
    listText('Not the whole collection was exported', partial) +
    listText('Losses', summary.losses)
  );
}
