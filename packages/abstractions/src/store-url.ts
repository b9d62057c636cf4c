import { VecportError } from './errors.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const SECRET_KEY = /key|token|secret|passw|pwd|credential|signature|sig$/i;

/** The scheme of a URL in lower case, or `undefined` for what has none (a plain path, `C:\…`). */
export function schemeOf(url: string): string | undefined {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  return scheme === undefined || scheme.length === 1 ? undefined : scheme;
}

/**
 * A URL that may be shown: passwords and query values that look like secrets become `***`.
 * What does not parse as a URL is searched for both by pattern.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:]*):[^/?#]*@/i, '$1:***@')
    .replace(/([?&])([^=&#]+)=([^&#]*)/g, (whole, mark: string, key: string) =>
      SECRET_KEY.test(key) ? `${mark}${key}=***` : whole,
    );
}

/**
 * Split `scheme:<path>#<fragment>` as embedded stores use it.
 * Both are percent-decoded, so `%23` stands for a `#` in the path.
 * @throws VecportError `invalid-argument` when there is no path or a `%` is not followed by two digits.
 */
export function splitPathUrl(url: string): { readonly path: string; readonly fragment: string | undefined } {
  const rest = url.replace(SCHEME, '').replace(/^\/\/(?=\/)/, '');
  const hash = rest.lastIndexOf('#');
  const path = decode(hash < 0 ? rest : rest.slice(0, hash), url);
  const fragment = hash < 0 ? undefined : decode(rest.slice(hash + 1), url);
  if (path === '') throw new VecportError('invalid-argument', `The URL '${redactUrl(url)}' has no path.`);
  return { path, fragment: fragment === '' ? undefined : fragment };
}

function decode(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new VecportError('invalid-argument', `The URL '${redactUrl(url)}' has a % that starts no code.`, {
      advice: 'Write %25 for a % sign.',
      cause,
    });
  }
}
