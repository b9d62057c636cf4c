import 'reflect-metadata';
import { once } from 'node:events';
import { isVecportError } from '@vecport/abstractions';
import { formatBootReport, readEnvFiles } from '@vecport/core';
import { pino } from 'pino';
import { type Application, startApplication } from './application.js';
import { type CommandLine, parseCommandLine, USAGE } from './command-line.js';
import { type AppSettings, readSettings, SAMPLE_FOLDER } from './settings.js';
import { runTour } from './tour/run-tour.js';

const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;
const LAST_WAIT_MS = 2000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const stop = stopSignal();
  try {
    const commandLine = parseCommandLine(process.argv.slice(2));
    if (commandLine.help) {
      print(USAGE);
      return 0;
    }
    const settings = readSettings(await variables());
    const application = await start(commandLine, settings, stop);
    try {
      // The first start does the whole job, too, so that there is something to look at.
      const isFirst = application.seeded.vectors > 0;
      if (commandLine.once) await tour(application, settings, stop);
      else if (isFirst) {
        // There is something to look at without it, too.
        await tour(application, settings, stop).catch((error: unknown) => complain(error, stop));
      } else {
        print(formatBootReport(await application.reports.refresh({ signal: stop })));
      }
      if (!commandLine.once) await serve(application, stop);
    } finally {
      await application.close();
    }
    return 0;
  } catch (error) {
    return exitCodeFor(error, stop);
  }
}

async function tour(application: Application, { exportsFolder }: AppSettings, signal: AbortSignal): Promise<void> {
  await runTour(application, { exportsFolder, print, signal });
}

function complain(error: unknown, stop: AbortSignal): void {
  if (!stop.aborted) process.stderr.write(`recs-admin: ${messageOf(error)}\n`);
}

async function start(
  { once: isOnce, port, attempts }: CommandLine,
  settings: AppSettings,
  signal: AbortSignal,
): Promise<Application> {
  const logger = pino({
    level: isOnce ? 'error' : settings.logLevel,
    redact: ['req.headers.authorization', 'req.headers.cookie'],
  });
  return startApplication({ settings, logger, listen: { port, attempts }, signal });
}

async function serve(application: Application, stop: AbortSignal): Promise<void> {
  print(`\nOpen ${application.url} (Ctrl+C stops it).`);
  if (!stop.aborted) await once(stop, 'abort');
}

/** The `.env` files of the sample and of the folders above it, and over them the environment. */
async function variables(): Promise<Readonly<Record<string, string | undefined>>> {
  const fromFiles = [...(await readEnvFiles(SAMPLE_FOLDER))].map(([name, { value }]) => [name, value] as const);
  return { ...Object.fromEntries(fromFiles), ...process.env };
}

/** Aborted by the first SIGINT or SIGTERM; the second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(new Error(`Stopped by ${signal}.`)));
  }
  return controller.signal;
}

function exitCodeFor(error: unknown, stop: AbortSignal): number {
  if (stop.aborted) {
    process.stderr.write('Interrupted.\n');
    return INTERRUPTED;
  }
  const isUsage = isVecportError(error) && error.operation === 'command line';
  process.stderr.write(`recs-admin: ${isUsage ? `${error.reason} ${error.advice ?? ''}` : messageOf(error)}\n`);
  return isUsage ? WRONG_USAGE : FAILED;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.exitCode = await main();
// A client that still tries to reach a server that is gone does not keep an application that was closed.
setTimeout(() => process.exit(), LAST_WAIT_MS).unref();
