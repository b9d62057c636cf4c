import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../measure.js';

/** What a status of an export has that is read here. */
interface ExportState {
  readonly status: string;
  readonly error?: string;
  readonly progress: Readonly<Record<string, { readonly objectsExported: number }>>;
}

/** Milliseconds between two looks at the exports. */
const LOOK_EVERY_MS = 500;
const PATH = '/v1/export/filesystem';

/** Start an export of everything into a folder of the service. @throws Error when the service refuses. */
export async function startExport(url: string, id: string): Promise<void> {
  const response = await fetch(`${url}${PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, config: { path: id } }),
  });
  if (!response.ok) throw new Error(`${id}: ${response.status} ${await response.text()}`);
}

/**
 * Let exports run until all are done, or so many milliseconds are over, and say how many points they have exported by then.
 * @throws Error when one fails.
 */
export async function watchExports(
  url: string,
  ids: readonly string[],
  ms: number,
): Promise<Pick<Sample, 'rows' | 'wallMs'>> {
  const begun = performance.now();
  for (;;) {
    await sleep(Math.max(0, Math.min(LOOK_EVERY_MS, begun + ms - performance.now())));
    const states = await Promise.all(ids.map(async (id) => stateOf(url, id)));
    const wallMs = performance.now() - begun;
    if (wallMs < ms && states.some(({ status }) => status !== 'SUCCESS')) continue;
    const classes = states.flatMap(({ progress }) => Object.values(progress));
    return { rows: classes.reduce((sum, { objectsExported }) => sum + objectsExported, 0), wallMs };
  }
}

/** Cancel exports; one that is done stays. */
export async function cancelExports(url: string, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map(async (id) => fetch(`${url}${PATH}/${id}`, { method: 'DELETE' })));
}

async function stateOf(url: string, id: string): Promise<ExportState> {
  const response = await fetch(`${url}${PATH}/${id}`);
  if (!response.ok) throw new Error(`${id}: ${response.status} ${await response.text()}`);
  const state = (await response.json()) as ExportState;
  if (state.status === 'FAILED' || state.status === 'CANCELED') {
    throw new Error(`${id}: ${state.status} ${state.error ?? ''}`);
  }
  return state;
}
