import type { JsonValue, VecportError } from '@vecport/abstractions';
import type { DescribedCollection, MilvusIndex, NewCollection } from './control.js';
import { dataTypeName, dataTypeOf } from './data-types.js';
import { invalidArgument, notSupported } from './errors.js';
import type { KeyValues } from './key-values.js';
import { type MilvusField, NO_FIELD } from './schema.js';

type JsonObject = Readonly<Record<string, JsonValue>>;

/** The settings of a collection as Milvus has them, without what changes as points come and go. */
export function nativeDescription(described: DescribedCollection, indexes: readonly MilvusIndex[]): JsonValue {
  const { schema, properties, shards, consistencyLevel } = described;
  return {
    schema: {
      description: schema.description,
      enableDynamicField: schema.dynamic,
      ...(schema.autoId ? { autoID: true } : {}),
      fields: schema.fields.map(nativeField),
      ...(schema.functions.length > 0 ? { functions: schema.functions } : {}),
    },
    properties: { ...properties },
    shards,
    consistencyLevel,
    indexes: indexes.map(({ name, field, params }) => ({ name, field, params: { ...params } })),
  };
}

function nativeField(field: MilvusField): JsonValue {
  const flags = FLAGS.filter((flag) => field[flag]);
  return {
    name: field.name,
    dataType: dataTypeName(field.type),
    ...(field.elementType === 0 ? {} : { elementType: dataTypeName(field.elementType) }),
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(field.description === '' ? {} : { description: field.description }),
    params: { ...field.params },
    ...(field.defaultValue === undefined
      ? {}
      : { defaultValueProto: Buffer.from(field.defaultValue).toString('base64') }),
  };
}

const FLAGS = [
  'isPrimaryKey',
  'autoId',
  'nullable',
  'isDynamic',
  'isPartitionKey',
  'isClusteringKey',
  'isFunctionOutput',
] as const satisfies readonly (keyof MilvusField)[];

/**
 * What to make a collection from, of settings that {@link nativeDescription} gave; `undefined` for those of
 * another provider. Automatic ids are switched off: points keep theirs.
 * @throws VecportError `invalid-argument` when they are damaged, `not-supported` for a collection with functions.
 */
export function planFromNative(native: JsonValue | undefined): NewCollection | undefined {
  const root = asObject(native);
  const schema = asObject(root?.['schema']);
  if (root === undefined || schema === undefined || !Array.isArray(schema['fields'])) return undefined;
  if (Array.isArray(schema['functions']) && schema['functions'].length > 0) {
    throw notSupported('The collection has functions that fill fields, which Vecport cannot make again.');
  }
  return {
    schema: {
      description: textOf(schema['description']) ?? '',
      autoId: false,
      dynamic: schema['enableDynamicField'] === true,
      fields: schema['fields'].map((field) => fieldOf(asObject(field as JsonValue))),
      functions: [],
      structs: [],
    },
    properties: keyValues(root['properties']),
    shards: numberOf(root['shards']),
    consistencyLevel: numberOf(root['consistencyLevel']),
    partitions: undefined,
    indexes: Array.isArray(root['indexes'])
      ? root['indexes'].map((index) => indexOf(asObject(index as JsonValue)))
      : [],
  };
}

function fieldOf(field: JsonObject | undefined): MilvusField {
  const name = textOf(field?.['name']);
  const type = dataTypeOf(textOf(field?.['dataType']) ?? '');
  if (field === undefined || name === undefined || type === undefined) throw damaged('a field');
  const proto = textOf(field['defaultValueProto']);
  return {
    ...NO_FIELD,
    name,
    type,
    ...Object.fromEntries(FLAGS.map((flag) => [flag, flag !== 'autoId' && field[flag] === true])),
    description: textOf(field['description']) ?? '',
    elementType: dataTypeOf(textOf(field['elementType']) ?? '') ?? 0,
    params: keyValues(field['params']),
    defaultValue: proto === undefined ? undefined : new Uint8Array(Buffer.from(proto, 'base64')),
  };
}

// What a server adds to an index by itself, and does not take.
function indexOf(index: JsonObject | undefined): MilvusIndex {
  const field = textOf(index?.['field']);
  if (index === undefined || field === undefined) throw damaged('an index');
  const { dim: _dim, ...params } = keyValues(index['params']);
  return { name: textOf(index['name']) ?? '', field, params };
}

function damaged(what: string): VecportError {
  return invalidArgument(`The native settings of the description have ${what} that Milvus did not describe so.`);
}

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function keyValues(value: JsonValue | undefined): KeyValues {
  return Object.fromEntries(Object.entries(asObject(value) ?? {}).map(([key, text]) => [key, textOf(text) ?? '']));
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
