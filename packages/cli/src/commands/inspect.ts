import type { VectorRow, VectorValue } from '@vecport/abstractions';
import {
  type CollectionSummary,
  type Dataset,
  type DatasetSummary,
  inspectCollection,
  openDataset,
  summarizeDataset,
} from '@vecport/dataset';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { openDatasetStorage } from '../dataset-place.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { collectionTable, listText } from '../output/collection-tables.js';
import { formatBytes, plural, shorten } from '../output/format.js';

/** Numbers of a vector that are shown to people; `--json` has all of them. */
const SHOWN_NUMBERS = 4;

/** What can be typed after `vecport inspect <dataset-url>`. */
export interface InspectFlags {
  readonly samples?: number | undefined;
}

/** The first points of a collection. */
interface Sample {
  readonly collection: CollectionSummary;
  readonly rows: readonly VectorRow[];
}

/** Show what a dataset holds. Reads the manifest, and of the parts what the samples need. */
export async function runInspect(
  url: string,
  { samples }: InspectFlags,
  context: CommandContext,
): Promise<CommandOutcome> {
  const storage = await openDatasetStorage(url);
  try {
    const dataset = await openDataset(storage, { signal: context.signal });
    const summary = summarizeDataset(dataset.manifest);
    const taken = samples === undefined ? undefined : await takeSamples(dataset, summary, samples, context.signal);
    return {
      exitCode: EXIT_CODES.done,
      text: [inspectionText(summary, storage.url), ...(taken ?? []).map(sampleText)].join('\n'),
      json: {
        command: 'inspect',
        url: storage.url,
        ...summary,
        samples:
          taken &&
          Object.fromEntries(
            taken.map(({ collection, rows }) => [collection.name, rows.map((row) => sampleJson(collection, row))]),
          ),
      },
    };
  } catch (error) {
    throw new CommandError(error, { damaged: true });
  }
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

function inspectionText(summary: DatasetSummary, url: string): string {
  const { tool, source, encoding } = summary;
  const server = source.version === undefined ? '' : ` ${source.version}`;
  const facts: readonly (readonly [string, string])[] = [
    ['Dataset', `${summary.id} (format ${summary.formatVersion})`],
    ['Where', url],
    ['Source', `${source.provider}${server}${source.url === undefined ? '' : `, ${source.url}`}`],
    ['Exported', `${summary.startedAt} to ${summary.completedAt} by ${tool.name} ${tool.version}`],
    [
      'Files',
      `${plural(summary.parts, 'part')}, ${formatBytes(summary.bytes)}, ${encoding.format} ${encoding.compression}, vectors ${encoding.vectors}`,
    ],
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

function sampleText({ collection, rows }: Sample): string {
  const lines = rows.map((row) => {
    const vectors = vectorsOf(collection, row).map(([name, value]) => `${name} ${vectorText(value)}`);
    return `  ${shorten(row.id, 60)}  ${vectors.join(', ')}  ${shorten(row.metadataText ?? 'no metadata', 120)}`;
  });
  return [`${collection.name}: the first ${plural(rows.length, 'point')}`, ...lines].join('\n');
}

function vectorText(value: VectorValue): string {
  if (value instanceof Float32Array) return numbersText(value);
  if ('indices' in value)
    return `${plural(value.indices.length, 'entry').replace(/entrys$/, 'entries')} ${numbersText(value.values)}`;
  return plural(value.length, 'vector');
}

function numbersText(values: Float32Array): string {
  const shown = Array.from(values.subarray(0, SHOWN_NUMBERS), (value) => String(Number(value.toPrecision(4))));
  return `[${[...shown, ...(values.length > SHOWN_NUMBERS ? ['…'] : [])].join(', ')}]`;
}

function sampleJson(collection: CollectionSummary, row: VectorRow): unknown {
  return {
    id: row.id,
    vectors: Object.fromEntries(vectorsOf(collection, row).map(([name, value]) => [name, vectorJson(value)])),
    metadata: row.metadata,
  };
}

function vectorJson(value: VectorValue): unknown {
  if (value instanceof Float32Array) return numbersJson(value);
  if ('indices' in value) return { indices: [...value.indices], values: numbersJson(value.values) };
  return value.map(numbersJson);
}

// JSON has no NaN and no infinities; they are texts here.
function numbersJson(values: Float32Array): readonly (number | string)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)));
}

function vectorsOf(collection: CollectionSummary, row: VectorRow): readonly (readonly [string, VectorValue])[] {
  return Object.keys(collection.vectors).flatMap((name) => {
    const value = row.vector(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}
