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
import { addCluster, addReEmbedding, addTransform } from './shared-options.js';

const EXAMPLES = `
Examples:
  vecport export --parallel 8
  vecport export --from lancedb:./data#items --to exports/
  vecport export --from lancedb:./data#items --to s3://bucket/backups/ --dry-run
  vecport export --from lancedb:./data --collection items --collection tags --to backup/monday
  vecport export --from lancedb:./data#items --to backup/monday --resume
  vecport export --from lancedb:./data#items --to backup/tuesday --since backup/monday
  vecport export --from lancedb:./data#items --filter "lang = 'de' and not (year < 2020)" --to backup/de
  vecport export --from lancedb:./data#items --ids-from ids.txt --transform ./map.mjs --to backup/some`;

/** Adds `vecport export` to the program. */
export function addExport(program: Program, execute: (command: Command) => Promise<void>): Program {
  const command = program
    .command('export')
    .description('read collections of a store into a dataset of Parquet or NDJSON files, on disk or in a bucket');
  addEnds(command);
  addFiles(command);
  addChoice(command);
  addTransform(command);
  addReEmbedding(command.optionsGroup('Another model:'));
  addWork(command);
  addCluster(command.optionsGroup('Several machines:'));
  return command
    .optionsGroup('Other:')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ExportFlags) =>
      execute(async (context) => (await import('./commands/export.js')).runExport(flags, context)),
    );
}

/** From where to where. */
function addEnds(command: Program): void {
  command
    .optionsGroup('From and to:')
    .option('--from <store-url>', 'the store (default: VECPORT_STORE, or the one that is configured)', parseText)
    .option('--collection <name>', 'a collection to export; repeatable (default: QDRANT_COLLECTION_NAME)', collectName)
    .option('--all', 'export all collections of the store')
    .option('--tenant <name>', 'a tenant, namespace or partition; repeatable (default: all)', collectName)
    .option('--http', 'read Qdrant over REST and not over gRPC')
    .option(
      '--to <dataset-url>',
      'the dataset; one that ends in / gets a new name in there (default: the bucket R2_BUCKET or SUPABASE_BUCKET names, else exports/)',
      parseText,
    )
    .option('--since <dataset-url>', 'export only what changed against this dataset', parseText)
    .option('--resume', 'go on with an export that was interrupted')
    .option('--dry-run', 'tell what would be done, with counts and estimates; write nothing');
}

/** What the files are like. */
function addFiles(command: Program): void {
  command
    .optionsGroup('Files:')
    .option(
      '--strategy <name>',
      'parquet-small, -med or -large: row groups of 1,000, 10,000 or 100,000 points; ndjson-gz or ndjson-zst (default: Parquet, row groups by bytes)',
      parseText,
    )
    .option('--row-group-size <n>', 'points a row group', parseCount)
    .option('--convert', 'make Parquet of the files of ndjson-gz or ndjson-zst at the end')
    .addOption(
      new Option('--layout <name>', "the files as another tool's, one for each collection").choices([
        'native',
        'weaviate',
        'qdrant',
        'pinecone',
        'vdf',
      ]),
    )
    .option(
      '--key-field <name>',
      'with --layout qdrant: the metadata field that is the key (default: the id)',
      parseText,
    )
    .option('--compression <codec>', 'zstd, gzip, snappy or none, zstd and gzip with a level: zstd:3', parseText)
    .addOption(
      new Option(
        '--encoding <encoding>',
        'of vectors: bytes split by position, which compresses better, or plain',
      ).choices(['split', 'plain']),
    )
    .option('--part-rows <n>', 'points a file (default: from the dimensions)', parseCount)
    .option('--part-bytes <bytes>', 'bytes of points a file, before compression, e.g. 256MB', parseBytes)
    .option('--stream-upload', 'stream into the bucket, with no files on disk (the default)')
    .option('--no-stream-upload', 'write to disk first and upload then')
    .option(
      '--debug',
      'keep plan and checkpoints; with a bucket also the files on disk, and ask before they are uploaded',
    )
    .option('--yes', 'answer yes to what is asked')
    .option('--verify', 'read the dataset back and check every checksum and digest')
    .option(
      '--strict',
      'exit with 3 when the source changed; with --resume, read from the start what may be of several states',
    );
}

/** What is exported: all of it is pinned in the plan. */
function addChoice(command: Program): void {
  command
    .optionsGroup('Which points:')
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
    .option('--quarantine-non-finite', 'points whose vectors have NaN or infinite numbers go to quarantine')
    .option('--allow-quarantine', 'do not fail when single points cannot be carried and are in quarantine')
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
    .optionsGroup('Speed and patience:')
    .option('--batch-size <n>', 'points a page of the source', parseCount)
    .option('--retrieve-batch <n>', 'points a request by ids (default: half of --batch-size, else 100)', parseCount)
    .option('--parallel <n>', 'slices read at the same time (default: number of processors)', parseCount)
    .option('--workers <n>', 'threads that write the files (default: 1 for large exports, else 0)', parseCountOrNone)
    .option('--max-memory <bytes>', 'bytes of pages in memory, e.g. 512MB (default: 512MiB)', parseBytes)
    .option('--retries <n>', 'attempts after a failed page, in a row (default: 5)', parseCountOrNone)
    .option('--rate-limit <n/s>', 'points a second at most, e.g. 1000/s', parseRate)
    .option('--timeout <duration>', 'end after this time, e.g. 30m; --resume goes on', parseDuration);
}
