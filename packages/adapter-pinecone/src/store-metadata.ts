import { VecportError, type VectorId } from '@vecport/abstractions';
import { type JsonMember, jsonMembers, jsonObject, RESERVED_FIELD } from '@vecport/wire';
import { PROVIDER } from './config.js';
import { comparableField, EXISTING_PATHS, elementsField, isPlainKey, isPlainText, plainNumber } from './field-names.js';

/** Bytes of metadata a record may have, all fields together, as JSON. */
export const MAX_METADATA_BYTES = 40_960;

interface Field {
  readonly key: string;
  /** JSON text. */
  readonly value: Uint8Array | string;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The metadata object Pinecone is given for a point, as JSON text: each field as it is where Pinecone holds it
 * exactly, the others in the reserved field and in forms that can be compared (see field-names.ts). `undefined`
 * where there is nothing to store. `id` is the point's own where it is stored under another.
 * @throws VecportError `invalid-argument` for text that is not JSON, and for more than Pinecone takes.
 */
export function storeMetadata(text: Uint8Array | undefined, id: VectorId | undefined): string | undefined {
  const parts: Field[] = id === undefined ? [] : [{ key: 'id', value: JSON.stringify(id) }];
  const shadows = new Shadows();
  const native: Field[] = [];
  if (text !== undefined) {
    const members = isObject(text) ? lastOfEach(jsonMembers(text)) : undefined;
    if (members === undefined || members.length === 0) parts.push({ key: 'value', value: checked(text) });
    else {
      const kept = members.filter((member) => !storeMember(member, native, shadows));
      if (kept.length > 0) parts.push({ key: 'fields', value: jsonObject(kept) });
    }
  }
  if (parts.length > 0) native.push({ key: RESERVED_FIELD, value: JSON.stringify(jsonObject(parts)) });
  native.push(...shadows.fields());
  if (native.length === 0) return undefined;
  const stored = jsonObject(native);
  const bytes = Buffer.byteLength(stored);
  if (bytes <= MAX_METADATA_BYTES) return stored;
  throw new VecportError(
    'invalid-argument',
    `The metadata takes ${bytes} bytes in Pinecone, which takes ${MAX_METADATA_BYTES} for a point.`,
    { provider: PROVIDER },
  );
}

/** Whether the member is held exactly; what can be compared of it is added in any case. */
function storeMember({ key, value }: JsonMember, native: Field[], shadows: Shadows): boolean {
  const text = decoder.decode(value);
  const parsed = JSON.parse(text) as unknown;
  if (isPlainKey(key) && isExact(parsed, text)) {
    native.push({ key, value });
    // A dot in a key is a step into an object for filters, so a plain key with one is no such field.
    return true;
  }
  if (!key.includes('.')) shadows.add([key], parsed, native);
  return false;
}

function isExact(value: unknown, text: string): boolean {
  switch (typeof value) {
    case 'string':
      return isPlainText(value);
    case 'boolean':
      return true;
    case 'number':
      return plainNumber(value) === text;
    default:
      return Array.isArray(value) && value.length > 0 && value.every(isPlainString);
  }
}

/** What can be compared of values that Pinecone does not hold as they are. */
class Shadows {
  readonly #fields: Field[] = [];
  readonly #existing: string[] = [];

  /** `native` takes what stands under the field's own name. */
  add(path: readonly string[], value: unknown, native: Field[] = this.#fields): void {
    if (value === null) return;
    const field = comparableField(path);
    if (isPlainString(value) || typeof value === 'boolean') native.push({ key: field, value: JSON.stringify(value) });
    else if (typeof value === 'number' && Number.isFinite(value))
      native.push({ key: field, value: plainNumber(value) });
    else {
      const texts = Array.isArray(value) ? value.filter(isPlainString) : [];
      if (texts.length > 0) native.push({ key: field, value: JSON.stringify(texts) });
      else this.#existing.push(path.join('.'));
      if (Array.isArray(value)) this.#addElements(path, value);
      else if (typeof value === 'object') this.#addMembers(path, value);
    }
  }

  fields(): readonly Field[] {
    if (this.#existing.length === 0) return this.#fields;
    return [...this.#fields, { key: EXISTING_PATHS, value: JSON.stringify(this.#existing) }];
  }

  #addElements(path: readonly string[], list: readonly unknown[]): void {
    const others = list.filter(
      (item) => typeof item === 'boolean' || (typeof item === 'number' && Number.isFinite(item)),
    );
    if (others.length === 0) return;
    this.#fields.push({ key: elementsField(path), value: JSON.stringify([...new Set(others.map(elementText))]) });
  }

  #addMembers(path: readonly string[], members: object): void {
    for (const [key, value] of Object.entries(members)) {
      if (!key.includes('.') && isPlainText(key)) this.add([...path, key], value);
    }
  }
}

/** How a number or truth value of a list is compared. */
export function elementText(value: unknown): string {
  return typeof value === 'number' ? plainNumber(value) : String(value);
}

function isPlainString(value: unknown): value is string {
  return typeof value === 'string' && isPlainText(value);
}

function isObject(text: Uint8Array): boolean {
  let at = 0;
  while (at < text.length && (text[at] ?? 0) <= 0x20) at++;
  return text[at] === 0x7b;
}

// Of members with the same key the last one counts, as for every JSON parser.
function lastOfEach(members: readonly JsonMember[]): JsonMember[] {
  return [...new Map(members.map((member) => [member.key, member])).values()];
}

function checked(text: Uint8Array): Uint8Array {
  JSON.parse(decoder.decode(text));
  return text;
}
