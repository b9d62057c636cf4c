import type { CollectionDescription, FieldSpec, FieldType, JsonValue } from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import type { ClassSchema, PropertySchema, VectorSchema } from './class-schema.js';
import { invalidArgument } from './errors.js';
import { overflowProperty } from './layout.js';
import { printOwnFacts, vectorFacts } from './own-facts.js';
import { schemaOfSpec } from './vector-index.js';

const CLASS_NAME = /^[A-Z][_0-9A-Za-z]{0,254}$/;
const LOWER_NAME = /^[a-z][_0-9A-Za-z]{0,254}$/;
/** Weaviate changes the first letter of a property's name to lower case. */
const PROPERTY_NAME = /^[_a-z][_0-9A-Za-z]{0,229}$/;
const TAKEN_NAMES: ReadonlySet<string> = new Set(['id', '_id', '_additional']);
const OWN_NAME = /^_vecport/i;
const DATA_TYPES: Readonly<Record<FieldType, string>> = {
  string: 'text',
  integer: 'int',
  number: 'number',
  boolean: 'boolean',
  'string[]': 'text[]',
  'integer[]': 'int[]',
  'number[]': 'number[]',
};

/**
 * Check that Weaviate takes a name as it is.
 * @throws VecportError `invalid-argument`, with the name it would be.
 */
function checkCollectionName(name: string): void {
  if (CLASS_NAME.test(name)) return;
  const advice = LOWER_NAME.test(name)
    ? `Weaviate would call it '${name[0]?.toUpperCase()}${name.slice(1)}': use that name.`
    : 'A name begins with a capital letter A–Z and goes on with letters, digits and _.';
  throw invalidArgument(`'${name}' cannot be the name of a collection in Weaviate.`, advice);
}

/**
 * The class for a description. Where the description has settings of Weaviate's own, they are taken as they are; the
 * properties that Vecport needs beside them are added.
 * @throws VecportError `not-supported` or `invalid-argument`, naming what Weaviate cannot keep.
 */
export function planClass(description: CollectionDescription, defaultIndex: string): ClassSchema {
  const { name, native } = description;
  checkCollectionName(name);
  const vectors = Object.fromEntries(
    Object.entries(description.vectors).map(([vector, spec]) => [vector, schemaOfSpec(vector, spec, defaultIndex)]),
  );
  const given = isClass(native) ? nativeClass(native) : newClass(vectors);
  return {
    ...given,
    class: name,
    properties: planProperties(description, given.properties ?? []),
    multiTenancyConfig: {
      ...given.multiTenancyConfig,
      enabled: description.multiTenant === true || given.multiTenancyConfig?.enabled === true,
    },
  };
}

function newClass(vectorConfig: Readonly<Record<string, VectorSchema>>): Omit<ClassSchema, 'class'> {
  return {
    vectorConfig,
    // Null state for `exists`; no stopwords, which filters would not find.
    invertedIndexConfig: { indexNullState: true, stopwords: { preset: 'none' } } as ClassSchema['invertedIndexConfig'],
  };
}

// What the server counts and tells by itself is refused or ignored when a class is made.
function nativeClass(native: ClassSchema): Omit<ClassSchema, 'class'> {
  const { shardingConfig, ...rest } = native as ClassSchema & { readonly shardingConfig?: Record<string, JsonValue> };
  if (native.multiTenancyConfig?.enabled === true || shardingConfig === undefined) return rest;
  const { actualCount: _counted, actualVirtualCount: _countedToo, ...wanted } = shardingConfig;
  return { ...rest, ...{ shardingConfig: wanted } };
}

function isClass(native: JsonValue | undefined): native is JsonValue & ClassSchema {
  return typeof native === 'object' && native !== null && !Array.isArray(native) && 'class' in native;
}

function planProperties(description: CollectionDescription, given: readonly PropertySchema[]): PropertySchema[] {
  const fields = description.fields ?? [];
  const kept = given.filter(({ name }) => !OWN_NAME.test(name));
  const names = new Set(kept.map(({ name }) => name.toLowerCase()));
  const added = fields.filter(({ name }) => {
    const fits = PROPERTY_NAME.test(name) && !TAKEN_NAMES.has(name) && !OWN_NAME.test(name);
    if (!fits || names.has(name.toLowerCase())) return false;
    names.add(name.toLowerCase());
    return true;
  });
  return [...kept, ...added.map(fieldProperty), ...fields.map((_, at) => overflow(at)), reserved(description, fields)];
}

function fieldProperty({ name, type }: FieldSpec): PropertySchema {
  const dataType = DATA_TYPES[type];
  return dataType.startsWith('text')
    ? { ...wholeText, name, dataType: [dataType] }
    : { name, dataType: [dataType], indexFilterable: true };
}

const wholeText = { tokenization: 'field', indexFilterable: true, indexSearchable: false } as const;

function overflow(at: number): PropertySchema {
  return {
    ...wholeText,
    name: overflowProperty(at),
    dataType: ['text[]'],
    description: 'Written by Vecport: values of a metadata field that its own property cannot hold, for filters.',
  };
}

function reserved(description: CollectionDescription, fields: readonly FieldSpec[]): PropertySchema {
  const facts = {
    vectors: vectorFacts(description.vectors),
    idKinds: description.idKinds,
    fields,
    embeddingModel: description.embeddingModel,
  };
  return {
    name: RESERVED_FIELD,
    dataType: ['text'],
    indexFilterable: false,
    indexSearchable: false,
    description: printOwnFacts(facts),
  };
}
