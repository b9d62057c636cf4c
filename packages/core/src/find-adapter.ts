import { redactUrl, schemeOf, VecportError } from '@vecport/abstractions';
import type { AdapterEntry } from './adapter-list.js';

const PROVIDERS: Readonly<Record<string, string>> = {
  lancedb: 'lancedb',
  qdrant: 'qdrant',
  'qdrant+http': 'qdrant',
  'qdrant+https': 'qdrant',
  'elastic+http': 'elastic',
  'elastic+https': 'elastic',
  'weaviate+http': 'weaviate',
  'weaviate+https': 'weaviate',
  milvus: 'milvus',
  pinecone: 'pinecone',
  pgvector: 'pgvector',
};

/** An adapter and, when it was asked for by URL, the URL. */
export interface FoundAdapter {
  readonly entry: AdapterEntry;
  readonly url: string | undefined;
}

/**
 * The adapter for a store URL (by its scheme) or an adapter name.
 * @throws VecportError `invalid-argument`, listing what there is; for a provider whose adapter is not
 * installed, with the package to install.
 */
export function findAdapter(entries: readonly AdapterEntry[], urlOrName: string): FoundAdapter {
  const named = entries.find((entry) => entry.name === urlOrName);
  if (named !== undefined) return { entry: named, url: undefined };
  const scheme = schemeOf(urlOrName);
  const entry = entries.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme));
  if (entry !== undefined) return { entry, url: urlOrName };
  throw notFound(entries, urlOrName, scheme);
}

function notFound(entries: readonly AdapterEntry[], urlOrName: string, scheme: string | undefined): VecportError {
  const subject =
    scheme === undefined
      ? `'${redactUrl(urlOrName).replace(/:[^/@]+@/, ':***@')}' is neither a store URL nor the name of an adapter.`
      : `No adapter answers to the scheme '${scheme}:'.`;
  const provider = Object.hasOwn(PROVIDERS, scheme ?? urlOrName) ? PROVIDERS[scheme ?? urlOrName] : undefined;
  const schemes = entries.flatMap((known) => known.schemes.map((name) => `${name}:`));
  const known = schemes.length === 0 ? 'No adapter is installed.' : `Known schemes: ${schemes.join(', ')}.`;
  const install = provider === undefined ? '' : ` Install its adapter: npm install @vecport/adapter-${provider}`;
  return new VecportError('invalid-argument', subject, { advice: `${known}${install}` });
}
