import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { brokenPromise, hasCode } from './errors.js';
import { namespaceQuery } from './namespaces.js';
import { type Page, readPage } from './page.js';
import type { WriteTarget } from './write-records.js';

/** A page of stored ids, ascending; never empty. */
export interface IdPage {
  readonly ids: readonly string[];
  /** The token it was read with; absent for the first. */
  readonly token: string | undefined;
}

/** Where a listing goes on. */
export interface ListPosition {
  /** The token of the page the last id is on. */
  readonly token: string | undefined;
  /** The last id that was given. */
  readonly id: string;
}

const PAGE_SIZE = 100;
/** Pinecone may give an empty page that is not the last; so many in a row it does not. */
const MOST_EMPTY_PAGES = 1000;

/**
 * The stored ids of a namespace, ascending as Pinecone promises, page by page; the next page is read while one is
 * used. A token that Pinecone does not take any more costs listing again from the first id, not a point.
 * @throws VecportError `provider-error` for a listing that is out of order, repeats itself or does not end, `expired`
 * when a token just given is refused.
 */
export async function* listIds(
  target: WriteTarget,
  after: ListPosition | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<IdPage, void, undefined> {
  const read = (token: string | undefined): Ahead => startReading(target, token, signal);
  let last = after?.id;
  let token = after?.token;
  let previous: string | undefined;
  let restarted = false;
  let empty = 0;
  let ahead = read(token);
  for (;;) {
    const page = await unlessExpired(ahead, token, restarted);
    if (page === undefined) {
      restarted = true;
      token = undefined;
      previous = undefined;
      ahead = read(undefined);
      continue;
    }
    const { texts, next } = page;
    if (next !== undefined && next === token) {
      throw brokenPromise('Pinecone lists in a circle: a page names itself as the next one.');
    }
    if (next !== undefined) ahead = read(next);
    previous = checkOrder(texts, previous);
    empty = texts.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PAGES) {
      throw brokenPromise(`Pinecone listed ${empty} empty pages in a row and says that there are more.`);
    }
    const ids = idsAfter(texts, last);
    if (ids.length > 0) {
      restarted = false;
      last = ids.at(-1);
      yield { ids, token };
    }
    if (next === undefined) return;
    token = next;
  }
}

/** Whether a record is listed. */
export async function isListed(target: WriteTarget, id: string, signal: AbortSignal | undefined): Promise<boolean> {
  const path = `/vectors/list?limit=1&prefix=${encodeURIComponent(id)}${namespaceQuery(target.namespace)}`;
  return readPage(await target.host.request({ method: 'GET', path, signal }), 'vectors', 'id').texts[0] === id;
}

interface Ahead {
  readonly page: Promise<Page>;
}

function startReading(
  { host, namespace }: WriteTarget,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Ahead {
  const after = token === undefined ? '' : `&paginationToken=${encodeURIComponent(token)}`;
  const path = `/vectors/list?limit=${PAGE_SIZE}${after}${namespaceQuery(namespace)}`;
  const page = host.request({ method: 'GET', path, signal }).then((bytes) => readPage(bytes, 'vectors', 'id'));
  // An error is thrown where the page is awaited, which may be long after it failed, or never.
  page.catch(() => undefined);
  return { page };
}

/** The page, or `undefined` when its token is refused and listing may begin anew. */
async function unlessExpired(
  { page }: Ahead,
  token: string | undefined,
  restarted: boolean,
): Promise<Page | undefined> {
  try {
    return await page;
  } catch (error) {
    if (token === undefined || !hasCode(error, 'invalid-argument')) throw error;
    if (restarted) throw expired(error);
    return undefined;
  }
}

function idsAfter(ids: readonly string[], last: string | undefined): readonly string[] {
  return last === undefined ? ids : ids.filter((id) => id > last);
}

/** The last id of the page, or the one before where it has none. Ids are ASCII, whose order is that of strings. */
function checkOrder(ids: readonly string[], before: string | undefined): string | undefined {
  let previous = before;
  for (const id of ids) {
    if (previous !== undefined && id <= previous) {
      throw brokenPromise(
        id === previous
          ? `Pinecone listed the id '${id}' twice.`
          : `Pinecone listed the id '${id}' after '${previous}', against its order.`,
      );
    }
    previous = id;
  }
  return previous;
}

function expired(cause: unknown): VecportError {
  return new VecportError('expired', 'Pinecone refuses the pagination tokens it gave a moment ago.', {
    provider: PROVIDER,
    advice: 'Read again; the cursor of the last batch is still good.',
    cause,
  });
}
