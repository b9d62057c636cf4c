import type { ByteRoom } from '@vecport/wire';
import type { Elastic } from './client.js';
import { pathOf } from './client.js';
import { brokenAnswer } from './errors.js';
import { allOf, type Query } from './filter.js';
import type { IndexLayout } from './layout.js';
import type { Page } from './page.js';
import { closePointInTime, openPointInTime } from './point-in-time.js';
import { STATE_AGGREGATIONS, search, sourceOptions, WRITE_ORDER } from './read-pages.js';

/** After which point a read goes on where it has no place of its own yet. */
interface Resume {
  readonly sequence: number;
  /** Points with that sequence number that were given already. */
  readonly ties: readonly string[];
}

/** What one page is asked with. */
interface PageRequest {
  readonly size: number;
  /** Sort values of the last point of the page before. */
  readonly after: readonly number[] | undefined;
  /** Ask for the number of points and the state they are in too. */
  readonly withState: boolean;
  /** Where the page is collected. */
  readonly room: ByteRoom;
  readonly signal: AbortSignal;
}

/** Something the server holds open to be read page by page. */
export interface Reading {
  /** The point in time; absent for a scroll. */
  readonly pit: string | undefined;
  fetch(request: PageRequest): Promise<Buffer>;
  /** Note what a page says about how to go on. */
  follow(page: Pick<Page, 'pit' | 'scroll'>): void;
  close(): Promise<void>;
}

/** What is read. */
export interface ReadingOptions {
  readonly elastic: Elastic;
  readonly layout: IndexLayout;
  readonly query: Query;
  /** Whether vectors are wanted. */
  readonly vectors: boolean;
  readonly resume: Resume | undefined;
}

/** Open a point in time or, where the server has none, a scroll. */
export async function openReading(options: ReadingOptions, signal: AbortSignal | undefined): Promise<Reading> {
  const pit = await openPointInTime(options.elastic, options.layout.index, signal);
  return pit === undefined ? scrollReading(options) : pointInTimeReading(options, pit, true);
}

/** Read in a point in time; `owned` says that it is closed with the reading. */
export function pointInTimeReading(options: ReadingOptions, pit: string, owned: boolean): Reading {
  const { elastic, layout } = options;
  let newest = pit;
  return {
    get pit() {
      return newest;
    },
    fetch: async ({ after, signal, room, ...request }) => {
      const body = { ...pageBody(options, request), ...(after !== undefined && { search_after: after }) };
      return search(elastic, layout, newest, body, { signal, room });
    },
    follow: ({ pit: id }) => {
      if (id === undefined) throw brokenAnswer('The server did not name the point in time to go on with.');
      newest = id;
    },
    close: async () => {
      if (owned) await closePointInTime(elastic, newest);
    },
  };
}

/**
 * Read by scrolling. A page is asked for once only, as the server goes on with each request: when one fails the
 * scroll is of no use any more.
 */
function scrollReading(options: ReadingOptions): Reading {
  const { elastic, layout } = options;
  const scroll = elastic.config.keepAlive;
  let id: string | undefined;
  return {
    pit: undefined,
    fetch: async ({ signal, room, ...request }) => {
      if (id !== undefined) {
        const body = JSON.stringify({ scroll, scroll_id: id });
        return elastic.send({ method: 'POST', path: '/_search/scroll', body, room, signal });
      }
      const { track_total_hits: _, ...body } = pageBody(options, request);
      const bytes = await elastic.read({
        method: 'POST',
        path: `${pathOf(layout.index)}/_search`,
        query: { scroll, allow_partial_search_results: false },
        body: JSON.stringify({ ...body, sort: WRITE_ORDER.slice(0, 1) }),
        room,
        signal,
      });
      // To be cleared even if the page turns out to be of no use.
      id = /^\{"_scroll_id":"([^"\\]+)"/.exec(bytes.subarray(0, 65_536).toString('latin1'))?.[1];
      return bytes;
    },
    follow: (page) => {
      if (page.scroll === undefined) throw brokenAnswer('The server did not name the scroll to go on with.');
      id = page.scroll;
    },
    close: async () => {
      if (id === undefined) return;
      const body = JSON.stringify({ scroll_id: [id] });
      // What is not cleared expires by itself.
      await elastic.send({ method: 'DELETE', path: '/_search/scroll', body }).catch(() => undefined);
    },
  };
}

function pageBody(
  { elastic, layout, query, vectors, resume }: ReadingOptions,
  { size, withState }: Pick<PageRequest, 'size' | 'withState'>,
): Query {
  return {
    size,
    query: resume === undefined ? query : allOf([query, afterResume(resume)]),
    sort: WRITE_ORDER,
    track_total_hits: withState,
    ...(withState && { aggs: STATE_AGGREGATIONS }),
    ...sourceOptions(elastic, layout, vectors),
  };
}

function afterResume({ sequence, ties }: Resume): Query {
  return {
    bool: { filter: [{ range: { _seq_no: { gte: sequence } } }], must_not: [{ ids: { values: ties } }] },
  };
}
