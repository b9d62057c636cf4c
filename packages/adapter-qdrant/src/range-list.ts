/** Places in a message's bytes, one after the other, in memory that is used again. */
export class RangeList {
  readonly #places: number[] = [];
  #length = 0;

  /** Places in it. Setting it back drops those from there on. */
  get length(): number {
    return this.#length;
  }

  set length(length: number) {
    this.#length = length;
  }

  push(start: number, end: number): void {
    this.#places[2 * this.#length] = start;
    this.#places[2 * this.#length + 1] = end;
    this.#length++;
  }

  start(at: number): number {
    return this.#places[2 * at] ?? 0;
  }

  end(at: number): number {
    return this.#places[2 * at + 1] ?? 0;
  }

  /** Put the place at `from` over that at `to`. */
  copy(from: number, to: number): void {
    this.#places[2 * to] = this.start(from);
    this.#places[2 * to + 1] = this.end(from);
  }
}
