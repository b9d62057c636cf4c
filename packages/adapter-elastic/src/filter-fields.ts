import type { FieldSpec, FieldType } from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import { type MappedField, type Mapping, type PlacedField, placedFields } from './mapping.js';
import type { OwnMeta } from './own-meta.js';

/** Longest text a declared field is searched by, in UTF-16 units: three bytes each are what Lucene takes in a term. */
export const MAX_KEYWORD = 10_922;

/** Where the names of declared fields are kept that have a value Elasticsearch does not index. */
export const PRESENT_FIELD = `${RESERVED_FIELD}.present`;

/** A metadata field that can be filtered by. */
export interface FilterField {
  readonly type: FieldType;
  /** The field of Elasticsearch that is compared. */
  readonly field: string;
  /** The fields of which one exists where the metadata field does. */
  readonly present: readonly string[];
  /** Vecport checks its values when they are written: lists and single values, and other types, are told apart. */
  readonly checked: boolean;
  /** Longest text that is indexed, in UTF-16 units. */
  readonly longest?: number | undefined;
}

const INTEGERS = new Set(['long', 'integer', 'short', 'byte']);
const MAPPED_TYPES: Readonly<Record<string, string>> = {
  string: 'keyword',
  integer: 'long',
  number: 'double',
  boolean: 'boolean',
};

/** How a declared field is mapped: compared exactly, and what does not fit its type neither converted nor refused. */
export function mappedField(type: FieldType): MappedField {
  const mapped = MAPPED_TYPES[scalarType(type)] ?? 'keyword';
  switch (mapped) {
    case 'keyword':
      return { type: mapped, ignore_above: MAX_KEYWORD };
    case 'boolean':
      return { type: mapped, ignore_malformed: true };
    default:
      return { type: mapped, coerce: false, ignore_malformed: true };
  }
}

/** The type of a field's single values. */
export function scalarType(type: FieldType): 'string' | 'integer' | 'number' | 'boolean' {
  return type.replace('[]', '') as 'string' | 'integer' | 'number' | 'boolean';
}

/** The fields of an index that can be filtered by, by name. */
export function filterFieldsOf(mapping: Mapping, meta: OwnMeta | undefined): ReadonlyMap<string, FilterField> {
  const placed = placedFields(mapping.properties).filter(({ nested, path }) => !nested && !isReserved(path));
  const fields = new Map<string, FilterField>();
  for (const place of placed) {
    const found = foreignField(place);
    if (found !== undefined) fields.set(place.path, found);
  }
  const byPath = new Map(placed.map(({ path, field }) => [path, field]));
  for (const { name, type } of meta?.fields ?? []) {
    if (byPath.get(name)?.type === mappedField(type).type) fields.set(name, ownField(name, type));
  }
  return fields;
}

/** The fields as a description lists them. */
export function fieldSpecs(fields: ReadonlyMap<string, FilterField>): readonly FieldSpec[] {
  return Array.from(fields, ([name, { type }]) => ({ name, type }));
}

function ownField(name: string, type: FieldType): FilterField {
  return {
    type,
    field: name,
    present: [name],
    checked: true,
    ...(scalarType(type) === 'string' && { longest: MAX_KEYWORD }),
  };
}

// Only what compares as it was written: `float` rounds, `text` is cut into words, `date` is read as a date.
function foreignField({ path, field }: PlacedField): FilterField | undefined {
  if (field.index === false || field.null_value !== undefined) return undefined;
  if (field.type === 'text') return textField(path, field);
  if (field.type === 'keyword') return keywordField(path, field);
  const type = field.type === 'double' ? 'number' : field.type === 'boolean' ? 'boolean' : undefined;
  if (type !== undefined) return { type, field: path, present: [path], checked: false };
  return INTEGERS.has(field.type ?? '') ? { type: 'integer', field: path, present: [path], checked: false } : undefined;
}

function keywordField(path: string, field: MappedField): FilterField | undefined {
  if (field.normalizer !== undefined) return undefined;
  return { type: 'string', field: path, present: [path], checked: false, longest: field.ignore_above };
}

// What dynamic mapping makes of a text: words to search for, and the text as a whole beside them.
function textField(path: string, { fields = {} }: MappedField): FilterField | undefined {
  const whole = Object.entries(fields).find(([, field]) => field.type === 'keyword' && field.index !== false);
  if (whole === undefined) return undefined;
  const found = keywordField(`${path}.${whole[0]}`, whole[1]);
  return found && { ...found, present: [path, found.field] };
}

function isReserved(path: string): boolean {
  return path === RESERVED_FIELD || path.startsWith(`${RESERVED_FIELD}.`);
}
