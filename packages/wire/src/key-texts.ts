const ENTRIES = 512;
const MOST_BYTES = 48;

interface Entry {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const known: (Entry | undefined)[] = new Array<Entry | undefined>(ENTRIES).fill(undefined);

/**
 * Text of ASCII bytes that have been seen before, as keys of JSON have, or `undefined`: a page has the same few
 * keys thousands of times, and making text of bytes is what reading them costs.
 */
export function knownText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const entry = known[placeOf(bytes, start, end)];
  if (entry === undefined || entry.bytes.length !== end - start) return undefined;
  for (let at = start; at < end; at++) if (entry.bytes[at - start] !== bytes[at]) return undefined;
  return entry.text;
}

/** Remember the text of bytes, in place of another one perhaps. Long ones are not worth it. */
export function rememberText(bytes: Uint8Array, start: number, end: number, text: string): void {
  if (end - start <= MOST_BYTES) known[placeOf(bytes, start, end)] = { bytes: bytes.slice(start, end), text };
}

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const [first = 0, last = 0, middle = 0] = [bytes[start], bytes[end - 1], bytes[(start + end) >> 1]];
  return ((end - start) * 131 + first * 31 + last * 7 + middle) % ENTRIES;
}
