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
 * collections and no manifest. Without one, the newest that has a manifest as well: it was cut off
 * while it cleaned up.
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
  const found: { readonly id: string; readonly rank: string }[] = [];
  for (const id of planned) {
    const plan = readPlanHead(await folder.read(`${id}/${PLAN_PATH}`, undefined, { signal }));
    if (plan !== undefined && isOf(plan, query)) {
      found.push({ id, rank: `${complete.has(id) ? 0 : 1} ${plan.startedAt}` });
    }
  }
  return found.toSorted((a, b) => (a.rank < b.rank ? 1 : -1))[0]?.id;
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
