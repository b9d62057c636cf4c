import type { VectorTraits } from '@vecport/abstractions';
import type { AdapterReport, BootReport, CapabilityReport, CollectionReport, SettingReport } from './boot-report.js';
import { formatRows, wrap } from './text-table.js';

/**
 * A boot report as plain text without escapes, aligned, wrapped to `width` columns (80 if not said).
 * Ends without a line break.
 */
export function formatBootReport(report: BootReport, { width = 80 }: { readonly width?: number } = {}): string {
  const head = [
    `Vecport boot report, ${report.createdAt}`,
    ...wrap(`Default store: ${report.defaultStore ?? `none. ${report.problem ?? ''}`}`, width),
  ];
  const blocks = report.adapters.map((adapter) => formatAdapter(adapter, width));
  const none = blocks.length === 0 ? [['No adapter is installed.']] : [];
  return [head, ...blocks, ...none].map((lines) => lines.join('\n')).join('\n\n');
}

function formatAdapter(adapter: AdapterReport, width: number): readonly string[] {
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length === 0 ? [] : [`  ${title}`, ...formatRows(rows, { indent: 4, width })];
  const head = [
    ...formatRows([[titleOf(adapter)]], { indent: 0, width }),
    ...(adapter.reason === undefined ? [] : formatRows([[adapter.reason]], { indent: 2, width })),
  ];
  if (adapter.state === 'unconfigured') return head;
  return [
    ...head,
    ...section('settings', adapter.settings.map(settingRow)),
    ...section('collections', adapter.collections.map(collectionRow)),
    ...section('capabilities', capabilityRows(adapter)),
    ...traitGroups(adapter.collections).flatMap(({ title, traits }) => section(title, traitRows(traits))),
  ];
}

function titleOf({ name, version, state, serverVersion, package: from, source }: AdapterReport): string {
  const origin = source === 'module' ? 'from code' : `discovered in ${from}`;
  const server = serverVersion === undefined ? '' : `, server ${serverVersion}`;
  return `${version === undefined ? name : `${name} ${version}`}: ${state} (${origin}${server})`;
}

function settingRow({ name, value, source }: SettingReport): readonly string[] {
  return value === undefined ? [name, '(not set)'] : [name, value, source ?? ''];
}

function collectionRow({ name, points, vectors, problem }: CollectionReport): readonly string[] {
  if (problem !== undefined) return [name, `not read: ${problem}`];
  const shapes = vectors.map((vector) =>
    [vector.name, vector.kind, vector.dimension, vector.metric].filter((part) => part !== undefined).join(' '),
  );
  const size = points === 1 ? '1 point' : `${(points ?? 0).toLocaleString('en-US')} points`;
  return [name, size, shapes.join('; ')];
}

// One row a capability where all collections are alike, else one a collection.
function capabilityRows({ capabilities, collections }: AdapterReport): readonly (readonly string[])[] {
  return capabilities.flatMap((summary) => {
    const each = collections.flatMap(({ name, capabilities: own }) =>
      own.filter((report) => report.capability === summary.capability).map((report) => ({ name, report })),
    );
    const alike = each.every(({ report }) => describeCapability(report) === describeCapability(summary));
    if (alike) return [[summary.capability, describeCapability(summary)]];
    return each.map(({ name, report }) => [`${summary.capability} of ${name}`, describeCapability(report)]);
  });
}

function describeCapability({ state, reason, alternatives = [] }: CapabilityReport): string {
  if (state === 'present') return 'yes';
  const can = alternatives.length === 0 ? '' : ` Adapters that can: ${alternatives.join(', ')}.`;
  return `${state === 'absent' ? `no. ${reason ?? ''}` : `unknown: ${reason ?? ''}.`}${can}`;
}

interface TraitGroup {
  readonly title: string;
  readonly traits: VectorTraits;
}

function traitGroups(collections: readonly CollectionReport[]): readonly TraitGroup[] {
  const groups = Map.groupBy(collections, ({ traits }) => JSON.stringify(traits));
  return [...groups.values()].flatMap((members) => {
    const traits = members[0]?.traits;
    if (traits === undefined) return [];
    const all = collections.every((collection) => collection.traits === undefined || members.includes(collection));
    return [{ title: all ? 'traits' : `traits of ${members.map(({ name }) => name).join(', ')}`, traits }];
  });
}

function traitRows(traits: VectorTraits): readonly (readonly string[])[] {
  const count = (value: number): string => value.toLocaleString('en-US');
  return [
    ['reads', `${traits.consistency}, order: ${traits.order}`],
    ['ids', `${traits.idKinds.join(', ')}; at most ${count(traits.maxIdBytes)} bytes`],
    [
      'vectors',
      `${traits.vectorKinds.join(', ')} of ${traits.elementTypes.join(', ')}; at most ${count(traits.maxDimension)} dimensions`,
    ],
    ['metrics', traits.metrics.join(', ')],
    ['stores unit vectors', traits.normalizes.length === 0 ? 'never' : `for ${traits.normalizes.join(', ')}`],
    ['filters', traits.filterOperators.join(', ') || 'none'],
    ['export batches', `${count(traits.defaultBatchSize)} points; at most ${count(traits.maxBatchSize)}`],
    ['write requests', `at most ${count(traits.maxWritePoints)} points, ${count(traits.maxWriteBytes)} bytes`],
    ['search results', `at most ${count(traits.maxTopK)}`],
  ];
}
