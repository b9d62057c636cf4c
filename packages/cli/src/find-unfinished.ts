import { parseJson } from '@vecport/abstractions';
import { MANIFEST_PATH, PLAN_PATH } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { z } from 'zod';

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
    if (file === PLAN_PATH) planned.add(id);
    if (file === MANIFEST_PATH) complete.add(id);
  }
  const found: { readonly id: string; readonly startedAt: string }[] = [];
  for (const id of planned) {
    const plan = complete.has(id)
      ? undefined
      : readPlanHead(await folder.read(`${id}/${PLAN_PATH}`, undefined, { signal }));
    if (plan !== undefined && isOf(plan, query)) found.push({ id, startedAt: plan.startedAt });
  }
  return found.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0]?.id;
}

/** What a plan says of what it exports. */
const planHead = z.object({
  startedAt: z.iso.datetime(),
  source: z.object({ provider: z.string(), url: z.string().optional() }),
  collections: z.array(z.object({ name: z.string() })),
});
type PlanHead = z.infer<typeof planHead>;

// A file of this name that is no plan is somebody else's: it is not what is looked for.
function readPlanHead(bytes: Uint8Array): PlanHead | undefined {
  try {
    return planHead.safeParse(parseJson(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}

function isOf(plan: PlanHead, { provider, source, collections }: UnfinishedQuery): boolean {
  const names = plan.collections.map(({ name }) => name);
  return plan.source.provider === provider && plan.source.url === source && names.join('\n') === collections.join('\n');
}
