import { setImmediate } from 'node:timers/promises';
import { type ExportBatch, type ExportOptions, isVecportError, type VectorId } from '@vecport/abstractions';
import { type BuilderPool, ByteRoom, builderPool } from '@vecport/wire';
import type { Elastic } from './client.js';
import { cursorText, parseCursor, parseSlice, type ReadState, sameState } from './cursor.js';
import { brokenAnswer } from './errors.js';
import { compileFilter, EVERYTHING, type Query } from './filter.js';
import { columnSpecs } from './hits.js';
import type { IndexLayout } from './layout.js';
import { type Page, peekPage, readPage } from './page.js';
import { changedWhileRead, incompleteRead } from './read-errors.js';
import { rangeQuery, readState, stateOf } from './read-pages.js';
import { openReading, pointInTimeReading, type Reading, type ReadingOptions } from './reading.js';

/** Options of a run: all that matters is said. */
export interface RunOptions extends ExportOptions {
  readonly batchSize: number;
  readonly signal: AbortSignal;
}

const PAGE_BYTES = 8 * 2 ** 20;
/** How often in a row a read is opened again without a page between. */
const MOST_REOPENINGS = 3;

/**
 * One read of an index, page by page. The next page is asked for before this one is decoded. A point keeps its
 * sequence number until it is written again, so the place a read is at outlives what the server holds open.
 */
export class ExportRun {
  readonly #elastic: Elastic;
  readonly #layout: IndexLayout;
  readonly #options: RunOptions;
  readonly #query: Query;
  readonly #fields: ReadonlySet<string> | undefined;
  /** Of a cursor or a slice; read once, at the start. */
  readonly #firstPit: string | undefined;
  readonly #givenBefore: number;
  readonly #builders: BuilderPool;
  #reading: Reading | undefined;
  #ahead: Promise<Buffer> | undefined;
  /** What there was at the start; unknown until the first page. */
  #state: ReadState | undefined;
  /** Sort values of the last point, in the reading that is open. */
  #after: readonly number[] | undefined;
  /** Sequence number of the last point, −1 before the first, and the points that have it. */
  #sequence: number;
  #ties: readonly VectorId[];
  #given: number;
  #bytesPerRow: number;
  /** Two, as one page is decoded while the next one arrives. */
  #nextRoom = new ByteRoom();
  #otherRoom = new ByteRoom();

  /** @throws VecportError `invalid-argument` for a cursor or slice that was not made here. */
  constructor(elastic: Elastic, layout: IndexLayout, options: RunOptions) {
    const slice = options.slice === undefined ? undefined : parseSlice(options.slice);
    const position = options.after === undefined ? undefined : parseCursor(options.after);
    const { filter, fields } = options;
    const matching = filter === undefined ? EVERYTHING : compileFilter(filter, layout.filterFields);
    this.#elastic = elastic;
    this.#layout = layout;
    this.#options = options;
    this.#query = rangeQuery(matching, slice ?? { from: 0, to: undefined });
    this.#fields = fields === undefined ? undefined : new Set(fields);
    this.#firstPit = position === undefined ? slice?.pit : position.pit;
    this.#givenBefore = position?.given ?? 0;
    // Without a point in time a slice is read as it is now.
    this.#state = position?.state ?? (slice?.pit === undefined ? undefined : slice.state);
    this.#after = position?.pit === undefined ? undefined : position.after;
    this.#sequence = position?.after[0] ?? -1;
    this.#ties = position?.ties ?? [];
    this.#given = this.#givenBefore;
    this.#bytesPerRow = layout.vectors.reduce((sum, { dimension }) => sum + dimension * 6, 500);
    const specs = columnSpecs(layout, options.vectors !== 'none');
    this.#builders = builderPool(specs, Math.min(options.batchSize, this.#pageSize()));
  }

  /** The next batch; `undefined` when all points were given. */
  async next(): Promise<ExportBatch | undefined> {
    if (this.#isOver()) return undefined;
    const bytes = await this.#fetch();
    const length = bytes.length;
    const peeked = this.#peek(bytes);
    // Decoding keeps the thread busy: the request for the next page must be on its way before.
    if (peeked !== undefined) await setImmediate();
    const capacity = Math.min(this.#options.batchSize, this.#pageSize());
    const builder = this.#builders.take();
    const page = readPage(bytes, {
      layout: this.#layout,
      vectors: this.#options.vectors !== 'none',
      fields: this.#fields,
      capacity,
      builder,
    });
    this.#reading?.follow(page);
    const state = this.#state ?? stateOf(page);
    this.#state = state;
    if (page.hits.length === 0) {
      if (this.#given < state.count) throw incompleteRead(this.#given, state.count);
      return undefined;
    }
    this.#advance(page, state);
    if (peeked?.some((value, at) => value !== this.#after?.[at]) === true) {
      throw brokenAnswer('The last point of a page of Elasticsearch is not where it should be.');
    }
    this.#bytesPerRow = Math.max(1, length / page.hits.length);
    if (this.#ahead === undefined && !this.#isOver()) this.#readAhead(this.#after);
    return {
      ...page.batch,
      release: () => this.#builders.give(builder),
      cursor: this.#cursor(state),
      progress: { exported: this.#given - this.#givenBefore, total: state.count - this.#givenBefore },
    };
  }

  /** Release what the server holds, but for the point in time of a slice plan. */
  async close(): Promise<void> {
    await this.#ahead?.catch(() => undefined);
    await this.#reading?.close();
  }

  #isOver(): boolean {
    return this.#state !== undefined && this.#given >= this.#state.count;
  }

  #pageSize(): number {
    return Math.max(1, Math.min(this.#options.batchSize, Math.floor(PAGE_BYTES / this.#bytesPerRow)));
  }

  /** Ask for the page after this one, where its end tells how, and unless it is likely the last. */
  #peek(bytes: Buffer): readonly number[] | undefined {
    if (this.#state === undefined || this.#given + this.#pageSize() >= this.#state.count) return undefined;
    const peeked = peekPage(bytes);
    if (peeked === undefined) return undefined;
    this.#reading?.follow({ pit: peeked.pit, scroll: undefined });
    this.#readAhead(peeked.sort);
    return peeked.sort;
  }

  #readAhead(after: readonly number[] | undefined): void {
    this.#ahead = this.#request(after);
    // Thrown where the page is awaited, which may be long after it failed.
    this.#ahead.catch(() => undefined);
  }

  async #fetch(): Promise<Buffer> {
    for (let reopened = 0; ; reopened++) {
      try {
        return await (this.#ahead ?? this.#request(this.#after));
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (reopened === MOST_REOPENINGS || this.#state === undefined || !this.#canReopen(error)) throw error;
        this.#ahead = undefined;
        await this.#reopen();
      } finally {
        this.#ahead = undefined;
      }
    }
  }

  async #request(after: readonly number[] | undefined): Promise<Buffer> {
    this.#reading ??= await this.#begin();
    const { signal } = this.#options;
    const room = this.#nextRoom;
    [this.#nextRoom, this.#otherRoom] = [this.#otherRoom, room];
    return this.#reading.fetch({ size: this.#pageSize(), after, withState: this.#state === undefined, room, signal });
  }

  async #begin(): Promise<Reading> {
    const owned = this.#options.slice === undefined;
    if (this.#firstPit !== undefined)
      return pointInTimeReading({ ...this.#readingOptions(), resume: undefined }, this.#firstPit, owned);
    return this.#state === undefined ? openReading(this.#readingOptions(), this.#options.signal) : this.#reopen();
  }

  /** Go on in another reading. @throws VecportError `expired` when the points in it are not the same. */
  async #reopen(): Promise<Reading> {
    await this.#reading?.close();
    this.#after = undefined;
    const { signal } = this.#options;
    const reading = await openReading(this.#readingOptions(), signal);
    this.#reading = reading;
    const now = await readState(this.#elastic, this.#layout, reading.pit, this.#query, signal);
    if (this.#state !== undefined && !sameState(this.#state, now)) throw changedWhileRead(this.#given);
    return reading;
  }

  #readingOptions(): ReadingOptions {
    const resume = this.#sequence < 0 ? undefined : { sequence: this.#sequence, ties: this.#ties };
    const vectors = this.#options.vectors !== 'none';
    return { elastic: this.#elastic, layout: this.#layout, query: this.#query, vectors, resume };
  }

  // Nothing of a scroll can be asked for twice, so that it is opened again for every passing trouble.
  #canReopen(error: unknown): boolean {
    // What this read found out by itself has no cause and is final.
    if (!isVecportError(error) || error.cause === undefined) return false;
    return (
      error.code === 'expired' || (error.retryable && this.#reading !== undefined && this.#reading.pit === undefined)
    );
  }

  /** Take over where a page ends. @throws VecportError when it does not go on where the one before ended. */
  #advance({ hits }: Page, { count }: ReadState): void {
    const { batchSize } = this.#options;
    if (hits.length > batchSize)
      throw brokenAnswer(`Elasticsearch gave ${hits.length} points where ${batchSize} were asked for.`);
    for (const { id, sort } of hits) {
      if (!this.#isNext(id, sort))
        throw brokenAnswer(`Elasticsearch gave the point '${id}' twice, or out of order.`, 'Export again.');
      const [sequence = -1] = sort;
      this.#ties = sequence === this.#sequence ? [...this.#ties, id] : [id];
      this.#sequence = sequence;
      this.#after = sort;
    }
    this.#given += hits.length;
    if (this.#given > count)
      throw brokenAnswer(`Elasticsearch gave more points than the ${count} it counted.`, 'Export again.');
  }

  // Two shards may use one sequence number; then the places in the point in time differ, or at least the ids.
  #isNext(id: VectorId, [sequence = Number.NaN, place]: readonly number[]): boolean {
    if (sequence !== this.#sequence) return sequence > this.#sequence;
    const before = this.#after?.[1];
    return place !== undefined && before !== undefined ? place > before : !this.#ties.includes(id);
  }

  #cursor(state: ReadState): string {
    const after = [this.#sequence, this.#after?.[1] ?? 0] as const;
    return cursorText({ pit: this.#reading?.pit, after, ties: this.#ties, given: this.#given, state });
  }
}
