/** Decoded rows of a page or of part of it. */
export interface PageRows<T> {
  readonly rows: number;
  /** Rows `start .. end`, as a view where the type allows it. */
  slice(start: number, end: number): T;
}

/** Walks through the pages of a column; pages end where they like, rows are taken as they are needed. */
export class PageCursor<T> {
  readonly #pages: AsyncGenerator<PageRows<T>, void, undefined>;
  #page: PageRows<T> | undefined;
  #at = 0;

  constructor(pages: AsyncGenerator<PageRows<T>, void, undefined>) {
    this.#pages = pages;
  }

  /** Rows that can be taken at once. */
  get ready(): number {
    return (this.#page?.rows ?? 0) - this.#at;
  }

  /** Decode the next page when all rows of the last one are taken. */
  async fill(): Promise<void> {
    if (this.ready > 0) return;
    const next = await this.#pages.next();
    this.#page = next.done === true ? undefined : next.value;
    this.#at = 0;
  }

  /** The next rows, at most {@link ready}. */
  take(rows: number): T | undefined {
    const start = this.#at;
    this.#at += rows;
    return this.#page?.slice(start, this.#at);
  }
}
