import { isUtf8 } from 'node:buffer';
import { metadataBytes, type VectorBatch } from '@vecport/abstractions';
import { jsonMembers, jsonObject, RESERVED_FIELD, splitMetadata } from '@vecport/wire';
import { heldAs } from './held-json.js';
import type { Layout } from './layout.js';
import type { ServerInfo } from './server-kind.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON text for the dynamic field of a point in a collection that Vecport made: its metadata, and under
 * `_vecport` what that field does not keep exactly.
 * @throws VecportError `corrupt-data` for metadata that is not JSON.
 */
export function dynamicText(layout: Layout, server: ServerInfo, batch: VectorBatch, row: number): Uint8Array {
  const text = metadataBytes(batch.metadata, row);
  assertJson(text, server);
  const respelled: { readonly key: string; readonly value: Uint8Array }[] = [];
  const { native, reserved } = splitMetadata(text, {
    holds: (key, value) => {
      const held = heldAs(layout, server, key, value);
      if (held === 'respelled') respelled.push({ key, value });
      return held === 'exactly';
    },
  });
  if (reserved === undefined && text !== undefined && hasUniqueKeys(text, native.length)) return text;
  const members: { readonly key: string; readonly value: Uint8Array | string }[] = [...native, ...respelled];
  if (reserved !== undefined) members.push({ key: RESERVED_FIELD, value: JSON.stringify(reserved) });
  return Buffer.from(jsonObject(members));
}

// Milvus checks JSON itself; its small relatives store whatever comes.
function assertJson(text: Uint8Array | undefined, { kind }: ServerInfo): void {
  if (text === undefined) return;
  if (!isUtf8(text)) throw new SyntaxError('it is not UTF-8 text');
  if (kind !== 'milvus') JSON.parse(decoder.decode(text));
}

function hasUniqueKeys(text: Uint8Array, unique: number): boolean {
  return jsonMembers(text).length === unique;
}
