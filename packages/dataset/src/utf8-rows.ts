import { isUtf8 } from 'node:buffer';

/** Whether texts that stand side by side, `rows + 1` offsets apart, are each UTF-8: checked at once instead of one by one. */
export function areUtf8(bytes: Uint8Array, offsets: Uint32Array, rows: number): boolean {
  const end = offsets[rows] ?? 0;
  if (!isUtf8(bytes.subarray(offsets[0], end))) return false;
  for (let row = 1; row < rows; row++) {
    const at = offsets[row] ?? 0;
    const isInsideCharacter = at < end && ((bytes[at] ?? 0) & 0xc0) === 0x80;
    if (isInsideCharacter) return false;
  }
  return true;
}
