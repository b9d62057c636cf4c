import { type BulkLoad, type CallOptions, isVecportError, type JsonValue, stringifyJson } from '@vecport/abstractions';
import { type Elastic, pathOf } from './client.js';
import { findIndex } from './find-index.js';
import type { IndexLayout } from './layout.js';

/** Where the settings an index had before it was tuned stand in the `_meta` of its mapping while it is tuned. */
const NOTE = 'vecport_loading';

/** Settings that are changed for loading; `null` is the server's default. */
interface LoadSettings {
  readonly refresh_interval: JsonValue;
  readonly number_of_replicas: JsonValue;
}

/**
 * Make an index cheap to fill: nothing is refreshed and there are no replicas. What it had before is noted in its
 * mapping first, so that a later run puts back what a killed one left. An index whose settings may not be changed is
 * left as it is.
 */
export async function tuneForLoading(
  elastic: Elastic,
  layout: IndexLayout,
  { signal }: CallOptions,
): Promise<BulkLoad> {
  const { meta, before } = await stateOf(elastic, layout, signal);
  try {
    await putMeta(elastic, layout, { ...meta, [NOTE]: before as unknown as JsonValue }, signal);
    await putSettings(elastic, layout, { refresh_interval: '-1', number_of_replicas: 0 }, signal);
  } catch (error) {
    if (!isVecportError(error) || error.retryable) throw error;
    await restore(elastic, layout);
    return { restore: async () => {} };
  }
  // What a killed run wrote can be counted now.
  await refresh(elastic, layout, signal);
  return { restore: async () => restore(elastic, layout) };
}

/** The settings first, the note last: a process that dies in between leaves what can be put back again. */
async function restore(elastic: Elastic, layout: IndexLayout): Promise<void> {
  const { meta, before } = await stateOf(elastic, layout, undefined);
  if (meta[NOTE] === undefined) return;
  await putSettings(elastic, layout, before, undefined);
  await refresh(elastic, layout, undefined);
  const { [NOTE]: _, ...rest } = meta;
  await putMeta(elastic, layout, rest, undefined);
}

interface IndexState {
  readonly meta: Readonly<Record<string, JsonValue>>;
  /** As they were before an index was tuned, if it is. */
  readonly before: LoadSettings;
}

async function stateOf(
  elastic: Elastic,
  { collection }: IndexLayout,
  signal: AbortSignal | undefined,
): Promise<IndexState> {
  const { native } = await findIndex(elastic, collection, signal);
  const { mappings, settings } = (native ?? {}) as {
    readonly mappings?: { readonly _meta?: Readonly<Record<string, JsonValue>> };
    readonly settings?: { readonly index?: Partial<LoadSettings> };
  };
  const meta = mappings?._meta ?? {};
  const { refresh_interval = null, number_of_replicas = null } = settings?.index ?? {};
  const noted = meta[NOTE] as unknown as LoadSettings | undefined;
  return { meta, before: noted ?? { refresh_interval, number_of_replicas } };
}

async function putMeta(
  elastic: Elastic,
  { index }: IndexLayout,
  meta: IndexState['meta'],
  signal: AbortSignal | undefined,
): Promise<void> {
  await elastic.read({
    method: 'PUT',
    path: `${pathOf(index)}/_mapping`,
    body: stringifyJson({ _meta: meta }),
    signal,
  });
}

async function putSettings(
  elastic: Elastic,
  { index }: IndexLayout,
  settings: LoadSettings,
  signal: AbortSignal | undefined,
): Promise<void> {
  await elastic.read({
    method: 'PUT',
    path: `${pathOf(index)}/_settings`,
    body: stringifyJson({ index: settings }),
    signal,
  });
}

async function refresh(elastic: Elastic, { index }: IndexLayout, signal: AbortSignal | undefined): Promise<void> {
  await elastic.read({ method: 'POST', path: `${pathOf(index)}/_refresh`, signal });
}
