import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type FieldSpec,
  type FieldType,
  type IdKind,
  type VectorSpec,
} from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import { type PropertySchema, type ReadClass, type VectorSchema, vectorizerOf } from './class-schema.js';
import { type OwnFacts, readOwnFacts } from './own-facts.js';
import { specOfSchema } from './vector-index.js';

/** A vector of a class. */
export interface VectorLayout {
  readonly name: string;
  /** The one vector of a class that was made without names. */
  readonly unnamed: boolean;
  readonly spec: VectorSpec;
  /** The module that makes a vector for objects written without one. */
  readonly vectorizer: string | undefined;
}

/** A property whose values are metadata fields. */
export interface PropertyLayout {
  readonly name: string;
  /** Weaviate's type, e.g. `text[]`; `reference` for what leads to other objects. */
  readonly type: string;
  /** Values with spaces around, empty ones and lists of such are kept elsewhere, as filters would not see them right. */
  readonly strict: boolean;
}

/** A metadata field filters can ask for. */
export interface FieldLayout {
  readonly name: string;
  readonly type: FieldType;
  /** The property that holds the values it can hold exactly. */
  readonly property: string | undefined;
  /** The property with what `property` cannot hold, in a form that compares exactly; in collections of Vecport's. */
  readonly overflow: string | undefined;
  /** Why a comparison of `property` would not be exact. */
  readonly inexact?: string | undefined;
}

/** A class, understood. */
export interface CollectionLayout {
  readonly name: string;
  readonly description: CollectionDescription;
  readonly vectors: readonly VectorLayout[];
  readonly properties: readonly PropertyLayout[];
  readonly fields: readonly FieldLayout[];
  /** Vecport made the class: there is a place for what Weaviate has no place for. */
  readonly own: boolean;
  readonly multiTenant: boolean;
  /** Filters can ask whether a property is there. */
  readonly nullState: boolean;
  /** Some property comes back exactly only from the REST interface. */
  readonly readByRest: boolean;
}

/** The name of the property with what the property of field `at` cannot hold. */
export function overflowProperty(at: number): string {
  return `${RESERVED_FIELD}_${at}`;
}

const OWN_PROPERTY = /^_vecport(?:_\d+)?$/;
const ID_KINDS: readonly IdKind[] = ['uuid', 'u64', 'i64', 'string'];
const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  text: 'string',
  string: 'string',
  int: 'integer',
  number: 'number',
  boolean: 'boolean',
  'text[]': 'string[]',
  'string[]': 'string[]',
  'int[]': 'integer[]',
  'number[]': 'number[]',
};
/** Types whose values the gRPC interface gives back as they are stored. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'text',
  'string',
  'int',
  'number',
  'boolean',
  'date',
  'uuid',
  'blob',
  'text[]',
  'string[]',
  'int[]',
  'number[]',
  'boolean[]',
  'date[]',
  'uuid[]',
]);

/** @throws VecportError `not-supported` for a class with something that has no words here, by name. */
export function readLayout({ schema, native }: ReadClass): CollectionLayout {
  const facts = readOwnFacts(schema);
  const all = schema.properties ?? [];
  const shown = facts === undefined ? all : all.filter(({ name }) => !OWN_PROPERTY.test(name));
  const properties = shown.map((property) => propertyLayout(property, facts));
  const vectors = vectorLayouts({ schema, native }, facts);
  const fields = facts === undefined ? foreignFields(shown) : ownFields(facts, shown);
  const multiTenant = schema.multiTenancyConfig?.enabled === true;
  return {
    name: schema.class,
    vectors,
    properties,
    fields,
    own: facts !== undefined,
    multiTenant,
    nullState: schema.invertedIndexConfig?.indexNullState === true,
    readByRest: properties.some(({ type }) => !PLAIN_TYPES.has(type)),
    description: {
      name: schema.class,
      vectors: Object.fromEntries(vectors.map(({ name, spec }) => [name, spec])),
      idKinds: facts?.idKinds ?? ['uuid'],
      fields: fields.map(({ name, type }): FieldSpec => ({ name, type })),
      ...(facts?.embeddingModel !== undefined && { embeddingModel: facts.embeddingModel }),
      ...(multiTenant && { multiTenant }),
      native,
    },
  };
}

/** All kinds of identifier, those Weaviate has a place for first. */
export const ALL_ID_KINDS = Object.freeze(ID_KINDS);

function vectorLayouts({ schema }: ReadClass, facts: OwnFacts | undefined): VectorLayout[] {
  const layout = (name: string, unnamed: boolean, vector: VectorSchema): VectorLayout => ({
    name,
    unnamed,
    spec: { ...specOfSchema(name, vector), ...facts?.vectors[name] },
    vectorizer: vectorizerOf(vector),
  });
  const named = Object.entries(schema.vectorConfig ?? {}).map(([name, vector]) => layout(name, false, vector));
  const order = Object.keys(facts?.vectors ?? {});
  named.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  // A class without named vectors has one that has no name, and there are classes with both.
  return schema.vectorIndexType === undefined || schema.vectorIndexType === ''
    ? named
    : [layout(DEFAULT_VECTOR, true, schema), ...named];
}

function propertyLayout({ name, dataType }: PropertySchema, facts: OwnFacts | undefined): PropertyLayout {
  const [first = ''] = dataType;
  const isReference = dataType.length > 1 || /^[A-Z]/.test(first);
  const strict = facts?.fields.some((field) => field.name === name) === true;
  return { name, type: isReference ? 'reference' : first, strict };
}

function ownFields({ fields }: OwnFacts, properties: readonly PropertySchema[]): FieldLayout[] {
  return fields.map(({ name, type }, at) => ({
    name,
    type,
    property: properties.find((property) => property.name === name && fieldType(property) === type)?.name,
    overflow: overflowProperty(at),
  }));
}

function foreignFields(properties: readonly PropertySchema[]): FieldLayout[] {
  return properties.flatMap((property) => {
    const type = fieldType(property);
    if (type === undefined) return [];
    return [{ name: property.name, type, property: property.name, overflow: undefined, inexact: inexact(property) }];
  });
}

function fieldType({ dataType }: PropertySchema): FieldType | undefined {
  return dataType.length === 1 ? FIELD_TYPES[dataType[0] ?? ''] : undefined;
}

function inexact({ name, dataType, tokenization, indexFilterable }: PropertySchema): string | undefined {
  if (indexFilterable === false) return `The property '${name}' has no index for filters.`;
  if (!/^(?:text|string)/.test(dataType[0] ?? '') || tokenization === 'field') return undefined;
  return `The property '${name}' is indexed by parts of its text (tokenization ${tokenization ?? 'word'}), so it does not compare as a whole.`;
}
