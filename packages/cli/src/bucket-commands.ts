import { Option, type Command as Program } from 'commander';
import type { Command } from './command-context.js';
import type { CleanFlags } from './commands/clean.js';
import type { DownloadFlags } from './commands/download.js';
import { parseCount, parseDuration, parseText } from './parse-options.js';

type Execute = (command: Command) => Promise<void>;

/** What changed within a day may belong to a run that is at work, or that somebody wants to go on with. */
const DAY_MS = 86_400_000;

/** Adds `vecport download` to the program. */
export function addDownload(program: Program, execute: Execute): Program {
  return program
    .command('download')
    .description('fetch an export from a bucket to disk, the latest one if nothing else is said')
    .option(
      '--from <url>',
      'a bucket or folder of exports, or one export (default: the bucket R2_BUCKET or SUPABASE_BUCKET names)',
      parseText,
    )
    .option('--list', 'list the exports that are there')
    .option('--collection <name>', 'of this collection (default: QDRANT_COLLECTION_NAME)', parseText)
    .option('--id <id>', 'this export instead of the latest', parseText)
    .option(
      '--output <path>',
      'where to (default: ./<collection>/latest.parquet, or ./<collection>/<id> for several files)',
      parseText,
    )
    .option('--force', 'replace what is there')
    .option('--parallel <n>', 'requests at the same time, of 8 MiB each (default: 8)', parseCount)
    .addHelpText(
      'after',
      `
Examples:
  vecport download --list
  vecport download
  vecport download --collection my-vectors --output ./data/vectors.parquet
  vecport download --from s3://bucket/backups/ --id items-20261121t084012z`,
    )
    .action(async (flags: DownloadFlags) =>
      execute(async (context) => (await import('./commands/download.js')).runDownload(flags, context)),
    );
}

/** Adds `vecport clean` to the program. */
export function addClean(program: Program, execute: Execute): Program {
  return program
    .command('clean')
    .description('remove what exports that died left: uploads that were not ended, and files of unfinished exports')
    .argument('<url>', 'a bucket or folder; all below it is searched', parseText)
    .addOption(
      new Option('--older-than <duration>', 'only what has not changed for so long')
        .argParser(parseDuration)
        .default(DAY_MS, '1d'),
    )
    .option('--dry-run', 'tell what would be removed, and remove nothing')
    .addHelpText(
      'after',
      `
Examples:
  vecport clean s3://bucket/backups/ --dry-run
  vecport clean exports/ --older-than 2h`,
    )
    .action(async (url: string, flags: CleanFlags) =>
      execute(async (context) => (await import('./commands/clean.js')).runClean(url, flags, context)),
    );
}
