import type { Metric } from '@vecport/abstractions';
import type { Layout } from '@vecport/dataset';
import { InvalidArgumentError, Option, type Command as Program } from 'commander';
import { parseCount, parseDuration, parseText } from './parse-options.js';

/** Flags of {@link addReEmbedding}. */
export interface ReEmbedFlags {
  readonly reEmbed?: string | undefined;
  readonly textField?: string | undefined;
  readonly embedVector?: string | undefined;
}

/** Flags of {@link addTransform}. */
export interface TransformFlags extends ReEmbedFlags {
  readonly transform?: string | undefined;
  readonly onError?: 'stop' | 'quarantine' | undefined;
}

/** Flags of {@link addCluster}. */
export interface ClusterFlags {
  readonly cluster?: string | undefined;
  readonly clusterParts?: number | undefined;
  readonly clusterAttempts?: number | undefined;
  readonly clusterPatience?: number | undefined;
}

/** Flags of {@link addLayout}. */
export interface LayoutFlags {
  readonly layout?: Layout | undefined;
  readonly metric?: Metric | undefined;
  /** What the collection is called where the files do not say. */
  readonly collection?: string | undefined;
}

/** Flags of {@link addSearchParity}. */
export interface ParityFlags {
  readonly searchParity?: number | undefined;
  readonly minRecall?: number | undefined;
  readonly neighbours?: number | undefined;
  readonly seed?: number | undefined;
}

/** Adds the options of re-embedding to a command. */
export function addReEmbedding(command: Program): Program {
  return command
    .option(
      '--re-embed <model>',
      'replace vectors by those of another model, from the service at EMBEDDING_URL (with EMBEDDING_API_KEY)',
      parseText,
    )
    .option('--text-field <name>', 'with --re-embed: the metadata field with the text', parseText)
    .option('--embed-vector <name>', 'with --re-embed: the vector that is replaced (default: the only one)', parseText);
}

/** Adds the options of a transform to a command. */
export function addTransform(command: Program): Program {
  return command
    .option('--transform <module>', 'a JavaScript module that every point goes through, e.g. ./map.mjs', parseText)
    .addOption(
      new Option(
        '--on-error <what>',
        'with --transform of records: a point it fails at ends the work, or goes to quarantine (default: stop)',
      ).choices(['stop', 'quarantine']),
    );
}

/** Adds the options of reading files of another tool to a command. */
export function addLayout(command: Program): Program {
  return command
    .addOption(
      new Option('--layout <name>', 'read files of another tool, which have no manifest').choices([
        'weaviate',
        'qdrant',
        'pinecone',
        'vdf',
      ]),
    )
    .addOption(
      new Option('--metric <name>', 'with --layout: how vectors are compared, where the files do not say').choices([
        'cosine',
        'dot',
        'euclidean',
        'manhattan',
      ]),
    );
}

/** Adds the options of giving work to a cluster to a command. */
export function addCluster(command: Program): Program {
  return command
    .option(
      '--cluster <url>',
      'give the work to the workers at a queue: redis://, rediss:// or postgres:// (see: vecport worker --help)',
      parseText,
    )
    .option(
      '--cluster-parts <n>',
      'with --cluster: parts a worker writes before other work has its turn (default: 1)',
      parseCount,
    )
    .option(
      '--cluster-attempts <n>',
      'with --cluster: failures in a row that end work on a slice (default: 5)',
      parseCount,
    )
    .option(
      '--cluster-patience <duration>',
      'with --cluster: how long the queue may not answer (default: 2m)',
      parseDuration,
    );
}

/** Adds the options of comparing searches to a command. */
export function addSearchParity(command: Program): Program {
  return command
    .option('--search-parity <n>', 'compare what searches for n sampled points find, as recall', parseCount)
    .option('--min-recall <share>', 'with --search-parity: exit with 3 below this recall, e.g. 0.95', parseShare)
    .option('--neighbours <k>', 'with --search-parity: neighbours of each point (default: 10)', parseCount)
    .option('--seed <n>', 'with --search-parity: another number takes other points', parseCount);
}

function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}
