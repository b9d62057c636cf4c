import { InvalidArgumentError, type Command as Program } from 'commander';
import { parseCount, parseText } from './parse-options.js';

/** Flags of {@link addReEmbedding}. */
export interface ReEmbedFlags {
  readonly reEmbed?: string | undefined;
  readonly textField?: string | undefined;
  readonly embedVector?: string | undefined;
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
