import { Option, Command as Program } from 'commander';
import { addClean, addDownload } from './bucket-commands.js';
import type { Command } from './command-context.js';
import type { ImportFlags } from './commands/import.js';
import type { InspectFlags } from './commands/inspect.js';
import type { MigrateFlags } from './commands/migrate.js';
import type { VerifyFlags } from './commands/verify.js';
import { addExport } from './export-command.js';
import { collectName, collectText, parseCount, parseFilterOption, parseNames, parseText } from './parse-options.js';
import { addServe } from './serve-command.js';
import { addCluster, addLayout, addReEmbedding, addSearchParity, addTransform } from './shared-options.js';
import { packageVersion } from './version.js';
import { addClusterViews, addWorker } from './worker-command.js';

const EXIT_CODE_HELP = `
Exit codes:
  0    done; a source that changed while it was read is a warning
  1    failed: nothing there, not reachable, not allowed, target exists, disk full
  2    wrong usage: another command line is needed, nothing was begun
  3    incomplete or unequal: points or ids missing or refused, damaged dataset,
       verification failed; with --strict also a source that changed
  130  interrupted`;

/** Runs a command and keeps its outcome. */
type Execute = (command: Command) => Promise<void>;

/** What the program is connected to. */
export interface ProgramParts {
  readonly execute: Execute;
  /** Gets help and version that were asked for. */
  writeOut(text: string): void;
  /** Gets the help that is shown when nothing was asked for. */
  writeErr(text: string): void;
}

/**
 * The command line of `vecport`: what can be typed, and what is run then. It neither prints errors
 * nor ends the process: what is wrong is thrown. A command's code is loaded when it is run.
 */
export function createProgram({ execute, writeOut, writeErr }: ProgramParts): Program {
  const program = new Program('vecport')
    .exitOverride()
    .configureOutput({ writeOut, writeErr, outputError: () => {} })
    .description('Move vectors between databases and files, and prove that everything arrived.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ helpWidth: 100 })
    .addHelpText('after', `${EXIT_CODE_HELP}\n\nEach command has examples: vecport export --help`);
  for (const command of [
    addExport,
    addImport,
    addMigrate,
    addVerify,
    addInspect,
    addDownload,
    addClean,
    addReport,
    addServe,
    addWorker,
  ]
    .map((add) => add(program, execute))
    .concat(addClusterViews(program, execute))) {
    command
      .addHelpText('after', EXIT_CODE_HELP)
      .addOption(verboseOption())
      .addOption(jsonOption())
      .addOption(stackOption());
  }
  return program;
}

function addImport(program: Program, execute: Execute): Program {
  const command = program
    .command('import')
    .description('write a dataset into a store, after checking all of it')
    .requiredOption(
      '--from <dataset-url>',
      'the dataset; with increments several times, the oldest first (parents that lie beside one are found)',
      collectText,
    )
    .requiredOption('--to <store-url>', 'the store; a collection in it is the name of the target', parseText)
    .option('--collection <name>', 'one collection of the dataset (default: all of them)', parseText)
    .option('--as <name>', 'the name of the target collection (default: its name in the dataset)', parseText)
    .addOption(
      new Option('--mode <mode>', 'the target must not exist | exists, points of the same id are replaced | is dropped')
        .choices(['create', 'append', 'replace'])
        .default('create'),
    )
    .option('--force', 'allow --mode replace to drop a collection')
    .option('--batch-size <n>', 'points a write at most (default: as many as the store takes)', parseCount)
    .option('--parallel <n>', 'files read at the same time (default: 2)', parseCount)
    .option('--verify', 'read the target back and compare every point')
    .option('--resume', 'go on with an import that was interrupted')
    .option('--state <folder>', 'where it remembers how far it is (default: a folder in .vecport)', parseText)
    .option(
      '--quarantine <file>',
      'where refused points are listed (default: quarantine.ndjson beside the state)',
      parseText,
    )
    .option('--allow-quarantine', 'do not fail when the target refuses single points');
  return addCluster(addSearchParity(addReEmbedding(addTransform(addLayout(command)))))
    .addHelpText(
      'after',
      `
Examples:
  vecport import --from backup/monday --to lancedb:./data
  vecport import --from backup/monday --to lancedb:./data#items_copy --collection items --verify
  vecport import --from backup/monday --from backup/tuesday --to lancedb:./data --search-parity 100
  vecport import --from backup/monday --to lancedb:./data --mode replace --force`,
    )
    .action(async (flags: ImportFlags) =>
      execute(async (context) => (await import('./commands/import.js')).runImport(flags, context)),
    );
}

function addMigrate(program: Program, execute: Execute): Program {
  const command = program
    .command('migrate')
    .description('move collections of one store into another; without files, unless they are asked for')
    .requiredOption('--from <store-url>', 'the store to read', parseText)
    .requiredOption('--to <store-url>', 'the store to write; a collection in it is the name of the target', parseText)
    .option('--collection <name>', 'a collection to move; may be given several times', collectName)
    .option('--all', 'move all collections of the store')
    .option(
      '--tenant <name>',
      'a tenant, namespace or partition; may be given several times (default: all)',
      collectName,
    )
    .option('--as <name>', 'the name of the target collection (default: the same)', parseText)
    .addOption(
      new Option('--mode <mode>', 'the target must not exist | exists, points of the same id are replaced | is dropped')
        .choices(['create', 'append', 'replace'])
        .default('create'),
    )
    .option('--force', 'allow --mode replace to drop a collection')
    .option(
      '--filter <json>',
      'only points that match, e.g. {"op":"eq","field":"lang","value":"de"}',
      parseFilterOption,
    )
    .option('--fields <names>', 'keep only these metadata fields, with commas between them', parseNames)
    .option('--batch-size <n>', 'points a page and a write', parseCount)
    .option('--parallel <n>', 'slices moved at the same time (default: 2)', parseCount)
    .option('--via <dataset-url>', 'export to this dataset and import it; the files stay', parseText)
    .option('--verify', 'read the target back and compare every point')
    .option('--dry-run', 'tell what the target cannot keep, and change nothing')
    .option('--resume', 'go on with a migration that was interrupted')
    .option('--state <folder>', 'where it remembers how far it is (default: a folder in .vecport)', parseText)
    .option(
      '--quarantine <file>',
      'where refused points are listed (default: quarantine.ndjson beside the state)',
      parseText,
    )
    .option('--allow-quarantine', 'do not fail when the target refuses single points');
  return addCluster(addSearchParity(addReEmbedding(addTransform(command))))
    .addHelpText(
      'after',
      `
Examples:
  vecport migrate --from weaviate://localhost:8080/Items --to elastic://localhost:9200/items --dry-run
  vecport migrate --from weaviate://localhost:8080/Items --to elastic://localhost:9200/items --verify
  vecport migrate --from lancedb:./data --all --to pgvector://localhost/items --via backup/monday
  vecport migrate --from lancedb:./data --all --to pgvector://localhost/items --resume`,
    )
    .action(async (flags: MigrateFlags) =>
      execute(async (context) => (await import('./commands/migrate.js')).runMigrate(flags, context)),
    );
}

function addVerify(program: Program, execute: Execute): Program {
  const command = program
    .command('verify')
    .description('check every file of a dataset, and compare it with a store')
    .argument('<dataset-url...>', 'the dataset; with increments several, the oldest first')
    .option('--against <store-url>', 'compare every point with this store', parseText);
  return addSearchParity(addLayout(command))
    .addHelpText(
      'after',
      `
Examples:
  vecport verify backup/monday
  vecport verify backup/monday backup/tuesday
  vecport verify backup/monday --against lancedb:./data --search-parity 100 --min-recall 0.95`,
    )
    .action(async (datasets: readonly string[], flags: VerifyFlags) =>
      execute(async (context) => (await import('./commands/verify.js')).runVerify(datasets, flags, context)),
    );
}

function addInspect(program: Program, execute: Execute): Program {
  const command = program
    .command('inspect')
    .description('show what a dataset holds: its manifest, schema, vectors and points')
    .argument('<dataset-url>', 'the dataset', parseText)
    .option('--samples <n>', 'show the first points of each collection', parseCount)
    .option('--statistics', 'read all of it and tell of its vectors: norms, zeros, duplicates, missing ones');
  return addLayout(command)
    .addHelpText(
      'after',
      `
Examples:
  vecport inspect backup/monday
  vecport inspect s3://bucket/backups/monday --samples 3 --statistics`,
    )
    .action(async (dataset: string, flags: InspectFlags) =>
      execute(async (context) => (await import('./commands/inspect.js')).runInspect(dataset, flags, context)),
    );
}

function addReport(program: Program, execute: Execute): Program {
  return program
    .command('report')
    .description('show the adapters that are installed, their settings, collections and capabilities')
    .addHelpText(
      'after',
      `
Examples:
  vecport report
  vecport report --json`,
    )
    .action(async () => execute(async (context) => (await import('./commands/report.js')).runReport(context)));
}

function verboseOption(): Option {
  return new Option('--verbose', 'say what is done on the way, and which .env files variables come from');
}

function jsonOption(): Option {
  return new Option('--json', 'print one JSON document on standard output, and no progress');
}

function stackOption(): Option {
  return new Option('--stack', 'print where an error happened, as VECPORT_DEBUG=1 does');
}
