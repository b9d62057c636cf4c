import { invalid } from './fake-reply.js';

/** The generation of pagination tokens; those of an earlier one are refused. */
export interface FakeTokens {
  generation: number;
}

/** Which page is wanted. */
export interface PageWanted {
  readonly limit: number;
  readonly token: unknown;
  /** What is paged through; a token of something else is refused. */
  readonly about: string;
}

/** The items after the token, and the token of the next page where there is one. */
export function takePage<T>(
  tokens: FakeTokens,
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, token, about }: PageWanted,
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const past = token === undefined || token === '' ? undefined : readToken(tokens, token, about);
  const rest = past === undefined ? items : items.filter((item) => keyOf(item) > past);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  if (rest.length <= limit || last === undefined) return { page, next: undefined };
  const next = { skip_past: keyOf(last), about, generation: tokens.generation };
  return { page, next: Buffer.from(JSON.stringify(next)).toString('base64') };
}

function readToken({ generation }: FakeTokens, token: unknown, about: string): string {
  try {
    if (typeof token !== 'string') throw invalid('Invalid pagination token');
    const read = JSON.parse(Buffer.from(token, 'base64').toString()) as Record<string, unknown>;
    if (read['about'] === about && read['generation'] === generation) return String(read['skip_past']);
  } catch {
    // It is refused below.
  }
  throw invalid('Invalid pagination token');
}
