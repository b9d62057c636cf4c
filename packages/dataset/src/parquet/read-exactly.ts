import type { ByteSource } from '../part-codec.js';
import { corrupt } from './corrupt.js';

/** Bytes `start .. end` of a source. @throws VecportError `corrupt-data` when it gives fewer. */
export async function readExactly(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
  const bytes = await source.read(start, end);
  if (bytes.length !== end - start) throw corrupt(`bytes ${start} to ${end} were asked for, and ${bytes.length} came.`);
  return bytes;
}
