import { isVecportError } from '@vecport/abstractions';
import { convertDataset, type Dataset, openDataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type ExportReport, type ExportRequest, exportDataset } from '@vecport/transfer';
import type { CommandContext } from '../command-context.js';
import { convertedEncoding, type ExportFlags } from './export-flags.js';

/** Export into `storage`, and make Parquet of its NDJSON there if that is wanted. */
export async function exportConverted(
  storage: Storage,
  request: ExportRequest,
  flags: ExportFlags,
  context: Pick<CommandContext, 'signal' | 'progress' | 'detail'>,
): Promise<ExportReport> {
  const encoding = convertedEncoding(flags);
  const { signal } = context;
  if (encoding === undefined) return exportDataset({ ...request, storage });
  if (flags.resume === true) {
    const converted = await convertedBefore(storage, signal);
    if (converted !== undefined) return reportOf(converted);
  }
  const report = await exportDataset({ ...request, storage });
  context.progress.end();
  const manifest = await convertDataset(await openDataset(storage, { signal }), {
    encoding,
    signal,
    onPart: ({ path, rows }) => context.detail(`converted to ${path}, ${rows} points`),
  });
  return { ...report, manifest };
}

/** The dataset of an earlier run that was converted already: its parts are no longer what its export would check. */
async function convertedBefore(storage: Storage, signal: AbortSignal): Promise<Dataset | undefined> {
  try {
    const dataset = await openDataset(storage, { signal });
    return dataset.manifest.encoding.format === 'parquet' ? dataset : undefined;
  } catch (error) {
    if (isVecportError(error) && (error.code === 'not-found' || error.code === 'incomplete')) return undefined;
    throw error;
  }
}

function reportOf({ manifest, storage }: Dataset): ExportReport {
  return {
    manifest,
    url: storage.url,
    resumed: 'complete',
    warnings: [],
    restarted: [],
    missing: { count: 0, ids: [] },
    quarantine: [],
    retries: 0,
  };
}
