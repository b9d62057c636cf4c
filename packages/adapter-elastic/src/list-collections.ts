import { type CollectionInfo, isVecportError, parseJson } from '@vecport/abstractions';
import type { Elastic } from './client.js';
import type { IndexAnswer } from './layout.js';
import { placedFields } from './mapping.js';
import { readOwnMeta } from './own-meta.js';

const PARTS = '*.aliases,*.mappings._meta.vecport,*.mappings.properties';

/**
 * The indices that have a vector field, by name; hidden and closed ones are left out, aliases that Vecport did not
 * make too. With credentials that may read and not look, all indices that can be read and have such a field.
 */
export async function listCollections(
  elastic: Elastic,
  signal: AbortSignal | undefined,
): Promise<readonly CollectionInfo[]> {
  try {
    const query = { expand_wildcards: 'open', ignore_unavailable: true, filter_path: PARTS };
    const bytes = await elastic.read({ method: 'GET', path: '/*', query, signal });
    return sorted(namesOf(parseJson(bytes.toString()) as unknown as Readonly<Record<string, IndexAnswer>>));
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'forbidden') throw error;
    return sorted(await readableNames(elastic, signal));
  }
}

function namesOf(indices: Readonly<Record<string, IndexAnswer>>): readonly string[] {
  return Object.entries(indices).flatMap(([index, { mappings = {}, aliases = {} }]) => {
    if (index.startsWith('.')) return [];
    const hasVector = placedFields(mappings.properties).some(({ field, nested }) => {
      return field.type === 'dense_vector' && !nested;
    });
    const name = readOwnMeta(mappings)?.name;
    return hasVector ? [name !== undefined && Object.hasOwn(aliases, name) ? name : index] : [];
  });
}

async function readableNames(elastic: Elastic, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const fieldCaps = async (path: string): Promise<{ indices?: readonly string[]; fields?: object }> => {
    const query = { fields: '*', types: 'dense_vector', expand_wildcards: 'open', ignore_unavailable: true };
    const bytes = await elastic.read({ method: 'GET', path: `${path}/_field_caps`, query, signal });
    return parseJson(bytes.toString()) as unknown as { indices?: readonly string[]; fields?: object };
  };
  const names: string[] = [];
  for (const index of (await fieldCaps('/*')).indices ?? []) {
    if (Object.keys((await fieldCaps(`/${encodeURIComponent(index)}`)).fields ?? {}).length > 0) names.push(index);
  }
  return names;
}

function sorted(names: readonly string[]): readonly CollectionInfo[] {
  return names.toSorted().map((name) => ({ name }));
}
