import { corrupt, floatText, type ProtoReader } from '@vecport/wire';
import { DATA_TYPE, dataTypeName } from './data-types.js';
import { eachPacked, type FieldData, memberReader, spreadRows } from './field-data.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Texts of a varchar column. */
export function readTexts({ scalars }: FieldData): string[] {
  const texts: string[] = [];
  const reader = memberReader(scalars, MEMBER.string);
  for (let field = reader?.next() ?? 0; reader !== undefined && field !== 0; field = reader.next()) {
    if (field === 1) texts.push(reader.text());
    else reader.skip();
  }
  return texts;
}

/** Integers of an int64 column, as text. */
export function readIntegers({ scalars }: FieldData): string[] {
  const reader = memberReader(scalars, MEMBER.long);
  return reader === undefined ? [] : numbers(reader, () => String(reader.int64()));
}

/** JSON texts of a JSON column, as views. */
export function readJson({ scalars }: FieldData): Uint8Array[] {
  const texts: Uint8Array[] = [];
  const reader = memberReader(scalars, MEMBER.json);
  for (let field = reader?.next() ?? 0; reader !== undefined && field !== 0; field = reader.next()) {
    if (field === 1) texts.push(reader.data());
    else reader.skip();
  }
  return texts;
}

/** The values of a column as JSON text, one a row; `null` where a row has none. */
export function jsonColumn(data: FieldData, elementType: number, rows: number): readonly string[] {
  const values = scalarTexts(data.scalars, data.type, elementType, data.name);
  return spreadRows(data.name, values, data.valid, rows).map((value) => value ?? 'null');
}

function scalarTexts(message: Uint8Array | undefined, type: number, elementType: number, name: string): string[] {
  const data: FieldData = { name, type, isDynamic: false, scalars: message, vectors: undefined, valid: undefined };
  switch (type) {
    case DATA_TYPE.VarChar:
    case DATA_TYPE.Text:
      return readTexts(data).map((text) => JSON.stringify(text));
    case DATA_TYPE.Int64:
      return readIntegers(data);
    case DATA_TYPE.JSON:
      return readJson(data).map((bytes) => decoder.decode(bytes));
    case DATA_TYPE.Array:
      return arrays(message, elementType, name);
    default:
      return numberTexts(message, type, name);
  }
}

function numberTexts(message: Uint8Array | undefined, type: number, name: string): string[] {
  const member = NUMBER_MEMBERS[type];
  if (member === undefined) throw corrupt(`has a column '${name}' of ${dataTypeName(type)}`);
  const reader = memberReader(message, member);
  if (reader === undefined) return [];
  switch (type) {
    case DATA_TYPE.Bool:
      return numbers(reader, () => String(reader.bool()));
    case DATA_TYPE.Float:
      return numbers(reader, () => floatText(finite(reader.float(), name), true));
    case DATA_TYPE.Double:
      return numbers(reader, () => doubleText(finite(reader.double(), name)));
    default:
      return numbers(reader, () => String(reader.int32()));
  }
}

function numbers(reader: ProtoReader, read: () => string): string[] {
  const values: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) eachPacked(reader, () => values.push(read()));
    else reader.skip();
  }
  return values;
}

// Which list of a `ScalarField` holds the values of a type.
const MEMBER = { bool: 1, int: 2, long: 3, float: 4, double: 5, string: 6, array: 8, json: 9 } as const;
const NUMBER_MEMBERS: Readonly<Partial<Record<number, number>>> = {
  [DATA_TYPE.Bool]: MEMBER.bool,
  [DATA_TYPE.Int8]: MEMBER.int,
  [DATA_TYPE.Int16]: MEMBER.int,
  [DATA_TYPE.Int32]: MEMBER.int,
  [DATA_TYPE.Float]: MEMBER.float,
  [DATA_TYPE.Double]: MEMBER.double,
};

function arrays(message: Uint8Array | undefined, elementType: number, name: string): string[] {
  const lists: string[] = [];
  const reader = memberReader(message, MEMBER.array);
  for (let field = reader?.next() ?? 0; reader !== undefined && field !== 0; field = reader.next()) {
    if (field === 1) lists.push(`[${scalarTexts(reader.data(), elementType, 0, name).join(',')}]`);
    else reader.skip();
  }
  return lists;
}

function finite(value: number, name: string): number {
  if (Number.isFinite(value)) return value;
  throw corrupt(`has ${value} in the field '${name}', which JSON cannot hold`);
}

/** A double as JSON text that is no integer, so that its type is seen. */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
