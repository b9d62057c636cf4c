import { ProtoReader, ProtoWriter } from '@vecport/wire';
import { type KeyValues, readKeyValue, writeKeyValues } from './key-values.js';

/** A field of a collection, schema.proto's `FieldSchema`. */
export interface MilvusField {
  readonly name: string;
  readonly type: number;
  readonly description: string;
  readonly isPrimaryKey: boolean;
  readonly autoId: boolean;
  readonly nullable: boolean;
  readonly isDynamic: boolean;
  readonly isPartitionKey: boolean;
  readonly isClusteringKey: boolean;
  readonly isFunctionOutput: boolean;
  /** Type of the elements of an array; 0 for other types. */
  readonly elementType: number;
  readonly params: KeyValues;
  /** The `ValueField` message that is its default, as bytes. */
  readonly defaultValue: Uint8Array | undefined;
}

/** A collection's schema, schema.proto's `CollectionSchema`. */
export interface MilvusSchema {
  readonly description: string;
  readonly autoId: boolean;
  readonly dynamic: boolean;
  readonly fields: readonly MilvusField[];
  /** Names of functions that fill fields (e.g. BM25), and of fields that are lists of structs. */
  readonly functions: readonly string[];
  readonly structs: readonly string[];
}

/** Read a `CollectionSchema`. */
export function readSchema(bytes: Uint8Array): MilvusSchema {
  const reader = new ProtoReader(bytes);
  const schema = { description: '', autoId: false, dynamic: false };
  const [fields, functions, structs]: [MilvusField[], string[], string[]] = [[], [], []];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) schema.description = reader.text();
    else if (field === 3) schema.autoId = reader.bool();
    else if (field === 4) fields.push(readField(reader.data()));
    else if (field === 5) schema.dynamic = reader.bool();
    else if (field === 7) functions.push(textOf(reader.data(), 1));
    else if (field === 9) structs.push(textOf(reader.data(), 2));
    else reader.skip();
  }
  return { ...schema, fields, functions, structs };
}

function readField(bytes: Uint8Array): MilvusField {
  const reader = new ProtoReader(bytes);
  const found = { ...NO_FIELD };
  const params: Record<string, string> = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const flag = FLAGS[field];
    if (flag !== undefined) found[flag] = reader.bool();
    else if (field === 2) found.name = reader.text();
    else if (field === 4) found.description = reader.text();
    else if (field === 5) found.type = reader.varint();
    else if (field === 6) readKeyValue(reader, params);
    else if (field === 10) found.elementType = reader.varint();
    else if (field === 11) found.defaultValue = reader.data().slice();
    else reader.skip();
  }
  return { ...found, params };
}

const FLAGS = {
  3: 'isPrimaryKey',
  8: 'autoId',
  12: 'isDynamic',
  13: 'isPartitionKey',
  14: 'isClusteringKey',
  15: 'nullable',
  16: 'isFunctionOutput',
} as const as Readonly<Partial<Record<number, FlagName>>>;

type FlagName =
  | 'isPrimaryKey'
  | 'autoId'
  | 'isDynamic'
  | 'isPartitionKey'
  | 'isClusteringKey'
  | 'nullable'
  | 'isFunctionOutput';

/** A field of which nothing is said. */
export const NO_FIELD = {
  name: '',
  type: 0,
  description: '',
  isPrimaryKey: false,
  autoId: false,
  nullable: false,
  isDynamic: false,
  isPartitionKey: false,
  isClusteringKey: false,
  isFunctionOutput: false,
  elementType: 0,
  params: {} as KeyValues,
  defaultValue: undefined as Uint8Array | undefined,
};

/** The bytes of a `CollectionSchema` to make a collection from. */
export function writeSchema(name: string, schema: MilvusSchema): Uint8Array {
  const writer = new ProtoWriter(1024).text(1, name);
  if (schema.description !== '') writer.text(2, schema.description);
  for (const field of schema.fields) writer.message(4, (inner) => writeField(inner, field));
  if (schema.dynamic) writer.bool(5, true);
  return writer.finish();
}

function writeField(writer: ProtoWriter, field: MilvusField): void {
  writer.text(2, field.name);
  for (const [number, flag] of Object.entries(FLAGS)) {
    if (flag !== undefined && field[flag]) writer.bool(Number(number), true);
  }
  if (field.description !== '') writer.text(4, field.description);
  writer.varint(5, field.type);
  writeKeyValues(writer, 6, field.params);
  if (field.elementType !== 0) writer.varint(10, field.elementType);
  if (field.defaultValue !== undefined) writer.data(11, field.defaultValue);
}

function textOf(bytes: Uint8Array, wanted: number): string {
  const reader = new ProtoReader(bytes);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === wanted) return reader.text();
    reader.skip();
  }
  return '';
}
