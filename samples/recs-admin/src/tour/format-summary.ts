import { relative } from 'node:path';
import type { Application } from '../application.js';
import type { VerifiedExport } from '../tasks/export-collection.js';
import type { CacheExportAnswer, SimilarAnswer } from './admin-client.js';

/** What the main job did. */
export interface OnceSummary {
  readonly seeded: Application['seeded'];
  /** The vector store, without secrets. */
  readonly store: string;
  readonly collection: string;
  readonly exported: VerifiedExport;
  readonly warmed: CacheExportAnswer;
  readonly cacheEntries: number;
  readonly cachePlace: string;
  readonly neighbours: readonly SimilarAnswer[];
}

/** The summary for a person, in lines. Paths are relative to the working directory where they are below it. */
export function formatSummary(summary: OnceSummary): string {
  const { seeded, store, collection, exported, warmed, cacheEntries, cachePlace, neighbours } = summary;
  const parts = exported.report.manifest.collections.flatMap((entry) => entry.parts);
  const sum = (of: (part: (typeof parts)[number]) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const lines = [
    [
      'seeded',
      seeded.vectors === 0 && seeded.items === 0
        ? 'nothing, all was there'
        : `${seeded.items} items, ${seeded.vectors} vectors`,
    ],
    [
      'exported',
      `${sum(({ rows }) => rows)} points of ${collection}, ${formatBytes(sum(({ bytes }) => bytes))} in ${parts.length} part${parts.length === 1 ? '' : 's'}`,
    ],
    ['from', store],
    ['to', shortPath(exported.folder)],
    ...exported.report.manifest.collections.map(({ digest }) => ['digest', digest.content]),
    ['verified', 'every checksum, and equal to the collection to the last bit'],
    ['cache', `${warmed.message} ${cacheEntries} entries in ${shortPath(cachePlace)}`],
    ...exported.report.warnings.map((warning) => ['warning', warning]),
  ].map(([name, value]) => `  ${`${name}`.padEnd(10)}${value}`);
  return ['Done', ...lines, '', 'More like this', ...neighbours.map((one) => formatNeighbours(one))].join('\n');
}

function formatNeighbours({ item, similar }: SimilarAnswer): string {
  return `  ${item.emoji} ${item.label} → ${similar.map((near) => `${near.item.emoji} ${near.item.label}`).join(', ')}`;
}

function formatBytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function shortPath(path: string): string {
  if (path.includes('://')) return path;
  const short = relative('', path);
  return short.startsWith('..') || short === '' ? path : short;
}
