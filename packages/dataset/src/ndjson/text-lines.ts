import type { PartLines } from '../part-codec.js';
import { corruptPart } from './corrupt.js';

const LINE_FEED = 0x0a;

/** Some whole lines, one behind the other. */
export interface TextLines {
  readonly bytes: Buffer;
  /** Where each line ends, its line feed included; the first begins at 0. */
  readonly ends: readonly number[];
}

/**
 * Cut text into lines. What a line is too long or the text too large for is an error before it is in memory.
 * @throws VecportError `corrupt-data`, naming the line.
 */
export async function* textLines(
  chunks: AsyncIterable<Buffer>,
  { bytes: expected, longest }: Pick<PartLines, 'bytes' | 'longest'>,
): AsyncGenerator<TextLines, void, undefined> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let lines = 0;
  let total = 0;
  const checkLength = (length: number): void => {
    if (length > longest)
      throw corruptPart(`line ${lines + 1} is longer than the longest one, which has ${longest} bytes.`);
  };
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > expected)
      throw corruptPart(`line ${lines + 1} is not the last one, as ${expected} bytes would have it.`);
    const { ends, rest } = lineEnds(chunk);
    const [first] = ends;
    if (first === undefined) {
      begun.push(chunk);
      begunBytes += chunk.length;
      checkLength(begunBytes);
      continue;
    }
    const before = begunBytes;
    let start = -before;
    for (const end of ends) {
      checkLength(end - start);
      start = end;
      lines++;
    }
    yield { bytes: before === 0 ? chunk : Buffer.concat([...begun, chunk]), ends: ends.map((end) => end + before) };
    begun = rest.length === 0 ? [] : [rest];
    begunBytes = rest.length;
    checkLength(begunBytes);
  }
  if (begunBytes > 0) throw corruptPart(`line ${lines + 1} is cut off: it has no end.`);
  if (total !== expected) throw corruptPart(`its ${lines} lines have ${total} bytes and not ${expected}.`);
}

function lineEnds(chunk: Buffer): { readonly ends: readonly number[]; readonly rest: Buffer } {
  const ends: number[] = [];
  let start = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
    start = at + 1;
    ends.push(start);
  }
  return { ends, rest: chunk.subarray(start) };
}
