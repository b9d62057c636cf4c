import { formatBootReport } from '@vecport/core';
import type { Application } from '../application.js';
import { exportAndVerify } from '../tasks/export-collection.js';
import { createAdminClient } from './admin-client.js';
import { formatSummary } from './format-summary.js';

/** Items whose neighbours are printed: dog face and rocket. */
const SHOWN_ITEMS = ['1F436', '1F680'] as const;
const SHOWN_NEIGHBOURS = 6;

/** How the main job is run. */
export interface RunTourOptions {
  /** Exports are made in folders of their own below it. */
  readonly exportsFolder: string;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The main job from end to end: boot report, export, verification, warming of the embedding cache
 * through the admin endpoint, and a summary. Every run makes a new export.
 */
export async function runTour(
  application: Application,
  { exportsFolder, print, signal }: RunTourOptions,
): Promise<void> {
  print(formatBootReport(await application.reports.refresh({ signal })));
  const exported = await exportAndVerify(application, exportsFolder, signal);
  const client = createAdminClient(application.url, application.ownCookie(), signal);
  const warmed = await client.exportToCache();
  const neighbours = [];
  for (const id of SHOWN_ITEMS) {
    if (application.items.get(id) !== undefined) neighbours.push(await client.similar(id, SHOWN_NEIGHBOURS));
  }
  const { entries } = await application.cache.stats();
  print('');
  print(
    formatSummary({
      seeded: application.seeded,
      store: application.store.url,
      collection: application.repository.collection,
      exported,
      warmed,
      cacheEntries: entries,
      cachePlace: application.cachePlace,
      neighbours,
    }),
  );
}
