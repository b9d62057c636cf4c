import { ByteBuffer } from './byte-buffer.js';

/** Repetition and definition levels of a page, as they stand in it: repetition first. */
export interface Levels {
  readonly bytes: Uint8Array;
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
  /** Pairs of levels: values, nulls and empty lists. */
  readonly values: number;
  /** Pairs that have no value. */
  readonly nulls: number;
}

/**
 * Collects the levels of a page row by row, as runs. Which of the methods a column uses follows from
 * its shape: `required` and `optional` for flat columns, `list` for an optional list (or an optional
 * struct of required lists), `vectors` for an optional list of required lists.
 */
export class LevelsBuilder {
  readonly #repetition = new RunWriter();
  readonly #definition = new RunWriter();
  #values = 0;
  #nulls = 0;

  /** A row of a required column: it has no levels. */
  required(): void {
    this.#values++;
  }

  /** A row of a flat column that is there. */
  optional(): void {
    this.#definition.push(1, 1);
    this.#values++;
  }

  /** A row of a flat column that is null. */
  null(): void {
    this.#definition.push(0, 1);
    this.#values++;
    this.#nulls++;
  }

  /** A row whose list is null. */
  nullList(): void {
    this.#repetition.push(0, 1);
    this.null();
  }

  /** A row with a list of `size` values. */
  list(size: number): void {
    this.#repetition.push(0, 1);
    if (size === 0) {
      this.#empty(1, 1);
      return;
    }
    this.#repetition.push(1, size - 1);
    this.#definition.push(2, size);
    this.#values += size;
  }

  /** A row with a list of `count` lists of `size` values each. */
  vectors(count: number, size: number): void {
    if (count === 0) {
      this.list(0);
      return;
    }
    this.#repetition.push(0, 1);
    if (size === 0) {
      this.#repetition.push(1, count - 1);
      this.#empty(2, count);
      return;
    }
    this.#repetition.push(2, size - 1);
    for (let i = 1; i < count; i++) {
      this.#repetition.push(1, 1);
      this.#repetition.push(2, size - 1);
    }
    this.#definition.push(3, count * size);
    this.#values += count * size;
  }

  /** The levels so far; the builder starts anew. */
  take(): Levels {
    const repetition = this.#repetition.take();
    const definition = this.#definition.take();
    const levels = {
      bytes: Buffer.concat([repetition, definition]),
      repetitionBytes: repetition.length,
      definitionBytes: definition.length,
      values: this.#values,
      nulls: this.#nulls,
    };
    this.#values = 0;
    this.#nulls = 0;
    return levels;
  }

  #empty(level: number, count: number): void {
    this.#definition.push(level, count);
    this.#values += count;
    this.#nulls += count;
  }
}

/** The levels of `rows` lists of `size` values each, none of them null. */
export function fullListLevels(rows: number, size: number): Levels {
  const builder = new LevelsBuilder();
  for (let row = 0; row < rows; row++) builder.list(size);
  return builder.take();
}

/** Writes levels of at most 8 bits as the runs of the RLE encoding, one run for equal neighbours. */
class RunWriter {
  readonly #buffer = new ByteBuffer();
  #value = 0;
  #count = 0;

  push(value: number, count: number): void {
    if (count === 0) return;
    if (value !== this.#value) {
      this.#flush();
      this.#value = value;
    }
    this.#count += count;
  }

  take(): Uint8Array {
    this.#flush();
    return this.#buffer.take();
  }

  #flush(): void {
    if (this.#count === 0) return;
    this.#buffer.varint(this.#count * 2);
    this.#buffer.byte(this.#value);
    this.#count = 0;
  }
}
