import { isUtf8 } from 'node:buffer';
import { fieldValue, type JsonValue, parseJson } from '@vecport/abstractions';
import { jsonMembers, jsonObject, type SplitMetadata, splitMetadata } from '@vecport/wire';
import { type FilterField, MAX_KEYWORD, scalarType } from './filter-fields.js';
import type { IndexLayout } from './layout.js';

/** Metadata as a document holds it. */
export interface DocumentParts extends SplitMetadata {
  /** Declared fields that have a value which is not indexed. */
  readonly present: readonly string[];
  /** Where the document belongs, taken out of the metadata. */
  readonly routing: string | undefined;
}

/** Splits the metadata of points for one index. Throws VecportError `corrupt-data` for text that is not JSON. */
export type MetadataSplitter = (text: Uint8Array | undefined) => DocumentParts;

/** The name under which a document's routing stands in metadata. */
export const ROUTING = '_routing';

/** Names that documents cannot have, as the server has fields of its own under them. */
const SERVER_FIELDS = new Set([
  '_id',
  '_index',
  '_source',
  '_version',
  '_seq_no',
  '_ignored',
  '_ignored_source',
  '_field_names',
  '_nested_path',
  '_tier',
  '_doc_count',
  '_data_stream_timestamp',
  '_size',
  '_tsid',
  '_feature',
  '_inference_fields',
  '_primary_term',
  '_type',
  ROUTING,
]);

const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;
const NEWLINE = /[\r\n]/;

/**
 * How metadata is written into an index. What Vecport made has the reserved field, which takes what Elasticsearch
 * refuses or would index as something else; other indices get the metadata as it is.
 */
export function metadataSplitter(layout: IndexLayout): MetadataSplitter {
  const own = layout.meta !== undefined;
  const declared = new Map([...layout.filterFields].filter(([, { checked }]) => checked));
  const tree = fieldTree(declared);
  const roots = new Set([...layout.tree.keys(), ...tree.keys()].map((name) => name.split('.')[0] ?? name));
  const holds = (key: string, value: Uint8Array): boolean => {
    if (SERVER_FIELDS.has(key) || key.split('.').some((part) => part.trim() === '')) return false;
    if (layout.tree.has(key)) return false;
    const node = tree.get(key);
    if (node !== undefined) return fits(node, parse(value));
    return !(key.includes('.') && roots.has(key.split('.')[0] ?? ''));
  };
  return (text) => {
    if (text !== undefined && !isUtf8(text)) throw new TypeError('The metadata is not UTF-8 text.');
    const routing = text === undefined ? undefined : routingOf(text);
    const body = text === undefined || routing === undefined ? text : withoutRouting(text);
    const { native, reserved } = splitMetadata(body, { holds: own ? holds : () => true, keepsMissing: !own });
    const present = declared.size === 0 || body === undefined ? [] : unseen(declared, native, parse(body));
    return { native, reserved, present, routing };
  };
}

interface FieldNode {
  readonly field?: FilterField | undefined;
  readonly inner: Map<string, FieldNode>;
}

function fieldTree(fields: ReadonlyMap<string, FilterField>): ReadonlyMap<string, FieldNode> {
  const root: FieldNode = { inner: new Map() };
  for (const [name, field] of fields) {
    const path = name.split('.');
    let at = root;
    path.forEach((key, depth) => {
      const next = at.inner.get(key) ?? { inner: new Map(), ...(depth === path.length - 1 && { field }) };
      at.inner.set(key, next);
      at = next;
    });
  }
  return root.inner;
}

// Whether what is indexed means the same as the value: an object where there are fields inside, else the field's type.
function fits({ field, inner }: FieldNode, value: JsonValue): boolean {
  if (value === null) return true;
  if (field !== undefined) return fitsType(field, value);
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.entries(value as { readonly [key: string]: JsonValue }).every(([key, part]) => {
    if (key.split('.').some((name) => name.trim() === '')) return false;
    const node = inner.get(key);
    if (node !== undefined) return fits(node, part);
    // A dotted key means a path to Elasticsearch, which must not lead to a field that is declared.
    return !(key.includes('.') && inner.has(key.split('.')[0] ?? ''));
  });
}

function fitsType({ type }: FilterField, value: JsonValue): boolean {
  const scalar = scalarType(type);
  if (!type.endsWith('[]')) return fitsScalar(scalar, value);
  return Array.isArray(value) && value.every((item: JsonValue) => item === null || fitsScalar(scalar, item));
}

function fitsScalar(type: ReturnType<typeof scalarType>, value: JsonValue): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'number':
      return (typeof value === 'number' || typeof value === 'bigint') && Number.isFinite(Number(value));
    case 'integer': {
      const integer = typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
      return typeof integer === 'bigint' && integer >= MIN_I64 && integer <= MAX_I64;
    }
  }
}

/** The declared fields that have a value of which nothing is indexed: it is kept elsewhere, too long, or an empty list. */
function unseen(
  declared: ReadonlyMap<string, FilterField>,
  native: SplitMetadata['native'],
  metadata: JsonValue,
): readonly string[] {
  const keys = new Set(native.map(({ key }) => key));
  return [...declared.keys()].filter((name) => {
    const value = fieldValue(metadata, name) ?? null;
    if (value === null) return false;
    if (!keys.has(name.split('.')[0] ?? name)) return true;
    const items: readonly JsonValue[] = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
    return !items.some((item) => item !== null && !(typeof item === 'string' && item.length > MAX_KEYWORD));
  });
}

function parse(text: Uint8Array): JsonValue {
  return parseJson(Buffer.from(text.buffer, text.byteOffset, text.length).toString());
}

const ROUTING_BYTES = Buffer.from(`"${ROUTING}"`);

// Only a text that is not empty can be a routing; anything else under this name is a field like others.
function routingOf(text: Uint8Array): string | undefined {
  if (!Buffer.from(text.buffer, text.byteOffset, text.length).includes(ROUTING_BYTES)) return undefined;
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const routing = (value as { readonly [key: string]: JsonValue })[ROUTING];
  return typeof routing === 'string' && routing !== '' ? routing : undefined;
}

function withoutRouting(text: Uint8Array): Uint8Array {
  return Buffer.from(jsonObject(jsonMembers(text).filter(({ key }) => key !== ROUTING)));
}

/** A document's text in one line; line feeds in JSON stand between values only. */
export function oneLine(text: string): string {
  return NEWLINE.test(text) ? text.replaceAll(/[\r\n]/g, ' ') : text;
}
