import { Option, type Command as Program } from 'commander';
import type { Command } from './command-context.js';
import type { ExportFlags } from './commands/export-flags.js';
import {
  collectName,
  parseBytes,
  parseCount,
  parseCountOrNone,
  parseDuration,
  parseFilterOption,
  parseNames,
  parseRate,
  parseText,
} from './parse-options.js';
import { addReEmbedding } from './shared-options.js';

const EXAMPLES = `
Examples:
  vecport export --from lancedb:./data#items --to exports/
  vecport export --from lancedb:./data#items --dry-run
  vecport export --from lancedb:./data --collection items --collection tags --to backup/monday
  vecport export --from lancedb:./data#items --to backup/monday --resume
  vecport export --from lancedb:./data#items --to backup/tuesday --since backup/monday
  vecport export --from lancedb:./data#items --filter "lang = 'de' and not (year < 2020)" --to backup/de
  vecport export --from lancedb:./data#items --ids-from ids.txt --transform ./map.mjs --to backup/some`;

/** Adds `vecport export` to the program. */
export function addExport(program: Program, execute: (command: Command) => Promise<void>): Program {
  const command = program
    .command('export')
    .description('read collections of a store into a dataset of Parquet files')
    .option('--from <store-url>', 'the store, e.g. lancedb:./data#items (default: VECPORT_STORE)', parseText)
    .option(
      '--to <dataset-url>',
      'the dataset; a folder that ends in / gets one with a new name',
      parseText,
      'exports/',
    )
    .option('--collection <name>', 'a collection to export; may be given several times', collectName)
    .option('--all', 'export all collections of the store')
    .option(
      '--tenant <name>',
      'a tenant, namespace or partition; may be given several times (default: all)',
      collectName,
    )
    .option('--dry-run', 'tell what would be done, with counts and estimates; write nothing');
  addChoice(command);
  addReEmbedding(command);
  addWork(command);
  return command
    .option('--part-rows <n>', 'points a file (default: from the dimensions)', parseCount)
    .addOption(new Option('--compression <codec>', 'of the files').choices(['zstd', 'none']).default('zstd'))
    .addOption(
      new Option('--encoding <encoding>', 'of vectors: bytes split by position, which compresses better, or plain')
        .choices(['split', 'plain'])
        .default('split'),
    )
    .option('--since <dataset-url>', 'export only what changed against this dataset', parseText)
    .option('--resume', 'go on with an export that was interrupted')
    .option(
      '--strict',
      'exit with 3 when the source changed; with --resume, read from the start what may be of several states',
    )
    .option('--verify', 'read the dataset back and check every checksum and digest')
    .option('--debug', 'keep the plan and the checkpoints when the export is complete')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ExportFlags) =>
      execute(async (context) => (await import('./commands/export.js')).runExport(flags, context)),
    );
}

/** What is exported: all of it is pinned in the plan. */
function addChoice(command: Program): void {
  command
    .option(
      '--filter <filter>',
      "only points that match: an expression such as lang = 'de' and exists(year), or JSON",
      parseFilterOption,
    )
    .option('--fields <names>', 'keep only these metadata fields, with commas between them', parseNames)
    .option('--exclude-fields <names>', 'leave out these metadata fields', parseNames)
    .option('--limit <n>', 'at most so many points in all', parseCount)
    .option('--ids-from <file>', 'only these points: an id a line, or JSON lines', parseText)
    .option('--allow-missing', 'ids of --ids-from that are not there are no failure')
    .option('--transform <module>', 'a JavaScript module that every point goes through, e.g. ./map.mjs', parseText)
    .addOption(
      new Option('--read <mode>', 'points as a full read gives them, or ids first and then their points').choices([
        'scan',
        'two-pass',
      ]),
    );
}

/** How it is exported: nothing of it changes a byte of the files. */
function addWork(command: Program): void {
  command
    .option('--batch-size <n>', 'points a page of the source', parseCount)
    .option('--retrieve-batch <n>', 'points a request by ids (default: 100)', parseCount)
    .option('--parallel <n>', 'slices read at the same time (default: number of processors)', parseCount)
    .option('--max-memory <bytes>', 'bytes of pages in memory, e.g. 512MB (default: 512MiB)', parseBytes)
    .option('--retries <n>', 'attempts after a failed page, in a row (default: 5)', parseCountOrNone)
    .option('--rate-limit <n/s>', 'points a second at most, e.g. 1000/s', parseRate)
    .option('--timeout <duration>', 'end after this time, e.g. 30m; --resume goes on', parseDuration);
}
