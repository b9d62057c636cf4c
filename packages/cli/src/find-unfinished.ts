import { parseJson } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';

/** Which unfinished export is looked for. */
export interface UnfinishedQuery {
  readonly provider: string;
  readonly source: string;
  readonly collections: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * The name of the newest export in a folder of datasets that has a plan of the same source and
 * collections and no manifest.
 */
export async function findUnfinished(folder: Storage, query: UnfinishedQuery): Promise<string | undefined> {
  const { signal } = query;
  const planned = new Set<string>();
  const complete = new Set<string>();
  for await (const { path } of folder.list('', { signal })) {
    const [id = '', file, ...deeper] = path.split('/');
    if (deeper.length > 0) continue;
    if (file === 'plan.json') planned.add(id);
    if (file === 'manifest.json') complete.add(id);
  }
  const found: { readonly id: string; readonly startedAt: string }[] = [];
  for (const id of planned) {
    const plan = complete.has(id) ? undefined : planHead(await folder.read(`${id}/plan.json`, undefined, { signal }));
    if (plan !== undefined && isOf(plan, query)) found.push({ id, startedAt: plan.startedAt });
  }
  return found.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0]?.id;
}

interface PlanHead {
  readonly startedAt: string;
  readonly source: { readonly provider: string; readonly url?: string | undefined };
  readonly collections: readonly { readonly name: string }[];
}

// A file of this name that is no plan is somebody else's: it is not what is looked for.
function planHead(bytes: Uint8Array): PlanHead | undefined {
  try {
    const { startedAt, source, collections } = parseJson(
      new TextDecoder().decode(bytes),
    ) as unknown as Partial<PlanHead>;
    if (typeof startedAt !== 'string' || typeof source?.provider !== 'string' || !Array.isArray(collections))
      return undefined;
    return { startedAt, source, collections };
  } catch {
    return undefined;
  }
}

function isOf(plan: PlanHead, { provider, source, collections }: UnfinishedQuery): boolean {
  const names = plan.collections.map(({ name }) => name);
  return plan.source.provider === provider && plan.source.url === source && names.join('\n') === collections.join('\n');
}
