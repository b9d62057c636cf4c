import { ProtoReader, ProtoWriter } from '@vecport/wire';
import type { PageData, PointBytes } from './page-data.js';

/** What is asked of a scroll. */
export interface ScrollAsked {
  /** The first identifier that is wanted; the first of all if not said. */
  readonly from: string | undefined;
  readonly limit: number;
  /** With payload and vectors. */
  readonly full: boolean;
}

/** A page of points. */
export interface Scrolled {
  /** A view. Of JSON with the comma after the last point. */
  readonly points: Buffer;
  readonly count: number;
  /** The identifier after them. */
  readonly next: string | undefined;
}

/** A page. An integer is smaller than all uuids. */
export function scrollPage(data: PageData, { from, limit, full }: ScrollAsked): Scrolled {
  const start = from === undefined || /^\d+$/.test(from) ? 0 : placeOf(data.ids, from);
  const end = Math.min(data.ids.length, start + limit);
  return { points: between(full ? data.full : data.bare, start, end), count: end - start, next: data.ids[end] };
}

/** The points with these identifiers, those that are there. */
export function pointsWith(data: PageData, ids: readonly string[]): readonly Buffer[] {
  return ids.flatMap((id) => {
    const at = placeOf(data.ids, id);
    return data.ids[at] === id ? [between(data.full, at, at + 1)] : [];
  });
}

/** Identifiers of points drawn evenly. */
export function drawnIds({ ids }: PageData, limit: number): readonly string[] {
  const count = Math.min(limit, ids.length);
  return Array.from({ length: count }, (_, n) => ids[Math.floor((n * ids.length) / count)] ?? '');
}

/** `ScrollPoints`. */
export function readScroll(message: Uint8Array): ScrollAsked {
  const reader = new ProtoReader(message);
  let from: string | undefined;
  let limit = 10;
  let full = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 3) from = readId(reader);
    else if (field === 4) limit = reader.uint32();
    else if (field === 7) full = readSelector(reader);
    else reader.skip();
  }
  return { from, limit, full };
}

/** Identifiers of `GetPoints`, or the limit of `QueryPoints`. */
export function readIdsAndLimit(message: Uint8Array): { readonly ids: readonly string[]; readonly limit: number } {
  const reader = new ProtoReader(message);
  const ids: string[] = [];
  let limit = 10;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) ids.push(readId(reader));
    else if (field === 8) limit = reader.uint32();
    else reader.skip();
  }
  return { ids, limit };
}

/** What stands before the points in a `ScrollResponse`. */
export function nextPageField(next: string | undefined): Buffer {
  if (next === undefined) return Buffer.alloc(0);
  return Buffer.from(new ProtoWriter().message(1, (id) => id.text(2, next)).finish());
}

function readId(reader: ProtoReader): string {
  const outer = reader.enter();
  let id = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) id = reader.text();
    else id = String(reader.uint64());
  }
  reader.leave(outer);
  return id;
}

function readSelector(reader: ProtoReader): boolean {
  const outer = reader.enter();
  let enabled = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1 && reader.wireType === 0) enabled = reader.bool();
    else reader.skip();
  }
  reader.leave(outer);
  return enabled;
}

function between({ bytes, offsets }: PointBytes, start: number, end: number): Buffer {
  return bytes.subarray(offsets[start] ?? 0, offsets[end] ?? 0);
}

/** Where an identifier is, or where it would be. */
function placeOf(ids: readonly string[], id: string): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? '') < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
