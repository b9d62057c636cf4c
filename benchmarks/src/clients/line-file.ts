import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** A file of lines of JSON that is being written, as a small program would do it. */
export class LineFile {
  readonly #stream: WriteStream;
  #lines = 0;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
  }

  get lines(): number {
    return this.#lines;
  }

  /** Write values, each as a line; resolves when there is room for more. */
  async write(values: Iterable<unknown>): Promise<void> {
    for (const value of values) {
      this.#lines++;
      if (!this.#stream.write(`${JSON.stringify(value)}\n`)) await once(this.#stream, 'drain');
    }
  }

  /** Resolves when everything was handed to the system. */
  async end(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }

  get bytes(): number {
    return this.#stream.bytesWritten;
  }
}
