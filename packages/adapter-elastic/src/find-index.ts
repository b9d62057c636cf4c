import { isVecportError, parseJson } from '@vecport/abstractions';
import { type Elastic, pathOf } from './client.js';
import { brokenAnswer, notSupported } from './errors.js';
import { type IndexAnswer, type IndexLayout, layoutOf } from './layout.js';
import { restrictedLayout } from './restricted-layout.js';

const PARTS = '*.aliases,*.mappings,*.settings,*.defaults.index.mapping';

/**
 * The index a collection is: the one of this name, or the one an alias or a data stream of this name stands for. With
 * credentials that may read and not look, what can be found out by reading.
 * @throws VecportError `not-found`; `not-supported` where the name stands for several indices.
 */
export async function findIndex(elastic: Elastic, name: string, signal: AbortSignal | undefined): Promise<IndexLayout> {
  try {
    const bytes = await elastic.read({
      method: 'GET',
      path: pathOf(name),
      query: { include_defaults: true, filter_path: PARTS },
      signal,
    });
    return singleIndex(name, bytes.toString());
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'forbidden') throw error;
    return restrictedLayout(elastic, name, signal, error);
  }
}

function singleIndex(name: string, text: string): IndexLayout {
  const indices = Object.entries(parseJson(text) as unknown as Readonly<Record<string, IndexAnswer>>);
  const [first] = indices;
  if (first === undefined) throw brokenAnswer(`The server described '${name}' with no index.`);
  if (indices.length === 1) return layoutOf(name, first[0], first[1]);
  throw notSupported(
    `'${name}' stands for ${indices.length} indices.`,
    `Read them one by one: ${indices.map(([index]) => index).join(', ')}.`,
  );
}
