import { isVecportError, redactUrl } from '@vecport/abstractions';
import type { ComposedHost, OpenStore } from '@vecport/core';
import { openDataset, type ValidationReport } from '@vecport/dataset';
import {
  type Dispatch,
  type ExportReport,
  type ExportRequest,
  previewExport,
  type TransferEvent,
} from '@vecport/transfer';
import { checkClusterFlags, clusterDispatch, folderForWorkers, storeForWorkers } from '../cluster-work.js';
import { chooseCollections } from '../collections.js';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { commandLine, resumeArguments } from '../command-line.js';
import { type DatasetPlace, openDatasetStorage, type PlaceRequest, placeExport } from '../dataset-place.js';
import { defaultTarget } from '../default-target.js';
import { CommandError } from '../failure.js';
import { withHost } from '../host.js';
import { usageError } from '../usage-error.js';
import { exportConverted } from './convert-export.js';
import { convertedEncoding, type ExportFlags, encodingFrom, exportRequestOf, readExportFiles } from './export-flags.js';
import { exportOutcome } from './export-outcome.js';
import { previewOutcome } from './export-preview.js';
import { checkFiles } from './phases.js';
import { exportStaged, isStaged, placeStaged, type StagedPlace } from './staged-export.js';

/** An export that has ended. */
export interface Exported {
  readonly report: ExportReport;
  readonly validation?: ValidationReport | undefined;
  readonly milliseconds: number;
}

/** Export collections of a store into a dataset; or, with `dryRun`, tell what would be done. */
export async function runExport(flags: ExportFlags, context: CommandContext): Promise<CommandOutcome> {
  // A wrong target, and files that cannot be read, are told before a store is opened.
  if (flags.to !== undefined) await openDatasetStorage(flags.to, context);
  encodingFrom(flags);
  convertedEncoding(flags);
  await checkClusterFlags(flags, [flags.from], notByCluster(flags));
  const files = await readExportFiles(flags, context);
  return withHost(context, async (host) => {
    const { signal, detail } = context;
    const store = await openSource(host, flags, signal);
    const choice = { collection: flags.collection ?? [], all: flags.all, environment: await context.environment() };
    const collections = await chooseCollections(store, choice, signal);
    const to = flags.to ?? (await defaultTarget(collections, context));
    detail(`${collections.join(', ')} of ${store.url} (${store.provider} ${store.version ?? ''}) to ${redactUrl(to)}`);
    const place = await placeOf(
      { to, resume: flags.resume === true, ...store, source: store.url, collections },
      flags,
      context,
    );
    let planned = false;
    try {
      const onEvent = ({ type }: TransferEvent): void => {
        planned ||= type === 'plan';
      };
      const request = { ...(await exportRequestOf(flags, { store, collections, place, files }, context)), onEvent };
      if (flags.dryRun === true) return previewOutcome(await previewExport(request), place.url);
      const dispatched = { ...request, dispatch: await dispatchOf(flags, { store, place }, context) };
      return exportOutcome(await exportTo(place, dispatched, flags, context), flags, context);
    } catch (error) {
      throw exportError(error, { place, planned }, context);
    }
  });
}

/** Flags that need one process to see all points, or all files. */
function notByCluster(flags: ExportFlags): Readonly<Record<string, unknown>> {
  return {
    '--limit': flags.limit,
    '--since': flags.since,
    '--ids-from': flags.idsFrom,
    '--transform': flags.transform,
    '--re-embed': flags.reEmbed,
    '--no-stream-upload': flags.streamUpload === false,
    '--strict --resume': flags.strict === true && flags.resume === true,
  };
}

async function dispatchOf(
  flags: ExportFlags,
  { store, place }: { readonly store: OpenStore; readonly place: DatasetPlace },
  context: CommandContext,
): Promise<Dispatch | undefined> {
  if (flags.cluster === undefined) return undefined;
  const { batchSize, maxMemory, retries, rateLimit } = flags;
  const source = storeForWorkers(flags.from);
  const settings = flags.http === true ? { transport: 'http' } : undefined;
  const dataset = folderForWorkers(place.url, context);
  const sizes = { batchSize, retrieveBatch: flags.retrieveBatch, maxMemory, retries };
  const work = { kind: 'export' as const, source, settings, dataset, ...sizes };
  return clusterDispatch(flags, { work, from: store.url, to: dataset, rateLimit }, context);
}

async function placeOf(
  request: PlaceRequest,
  flags: ExportFlags,
  context: CommandContext,
): Promise<DatasetPlace | StagedPlace> {
  return isStaged(request.to, flags) ? placeStaged(request, flags, context) : placeExport(request, context);
}

async function openSource(
  host: ComposedHost,
  { from, http }: Pick<ExportFlags, 'from' | 'http'>,
  signal: AbortSignal,
): Promise<OpenStore> {
  if (http !== true) return host.catalog.open(from, { signal });
  try {
    return await host.catalog.open(from, { signal, settings: { transport: 'http' } });
  } catch (error) {
    const unknown = isVecportError(error) && error.reason === "There is no setting 'transport'.";
    throw unknown ? usageError('--http is for Qdrant alone: this store has one interface.', 'Leave it out.') : error;
  }
}

async function exportTo(
  place: DatasetPlace | StagedPlace,
  request: ExportRequest,
  flags: ExportFlags,
  context: CommandContext,
): Promise<Exported> {
  const { signal } = context;
  const begun = performance.now();
  const report =
    'staging' in place
      ? await exportStaged(place, request, flags, context)
      : await exportConverted(place.storage, request, flags, context);
  const milliseconds = performance.now() - begun;
  const validation =
    flags.verify === true ? await checkFiles(await openDataset(place.storage, { signal }), context) : undefined;
  return { report, validation, milliseconds };
}

interface Reached {
  readonly place: DatasetPlace;
  /** The plan lies at the place, so that it can be gone on with. */
  readonly planned: boolean;
}

function exportError(
  error: unknown,
  { place, planned }: Reached,
  { progress, args, terminal }: CommandContext,
): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError(error, {
    begun: planned,
    advice: progress.moved.size > 0 ? 'The parts that are complete are kept.' : undefined,
    resume: commandLine(resumeArguments(args, place.url), terminal.env),
    // A bucket that is gone may come back.
    alsoResumable: ['not-found'],
  });
}
