import { redactUrl, schemeOf, VecportError } from '@vecport/abstractions';
import type { AdapterEntry } from './adapter-list.js';

/** An adapter and, when it was asked for by URL, the URL. */
export interface FoundAdapter {
  readonly entry: AdapterEntry;
  readonly url: string | undefined;
}

/**
 * The adapter for a store URL (by its scheme) or an adapter name.
 * @throws VecportError `invalid-argument`, listing what there is.
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
  const schemes = entries.flatMap((known) => known.schemes.map((name) => `${name}:`));
  const known = schemes.length === 0 ? 'No adapter is installed.' : `Known schemes: ${schemes.join(', ')}.`;
  const hint = 'For another provider, add a package with its adapter to the dependencies of the application.';
  return new VecportError('invalid-argument', subject, { advice: `${known} ${hint}` });
}
