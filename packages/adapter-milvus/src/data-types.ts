/** Types of fields, schema.proto's `DataType`. */
export const DATA_TYPE = {
  Bool: 1,
  Int8: 2,
  Int16: 3,
  Int32: 4,
  Int64: 5,
  Float: 10,
  Double: 11,
  VarChar: 21,
  Array: 22,
  JSON: 23,
  Text: 25,
  BinaryVector: 100,
  FloatVector: 101,
  Float16Vector: 102,
  BFloat16Vector: 103,
  SparseFloatVector: 104,
  Int8Vector: 105,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(DATA_TYPE).map(([name, value]) => [value, name]));

/** The name of a type; its number for one that is not known. */
export function dataTypeName(type: number): string {
  return NAMES.get(type) ?? `type ${type}`;
}

/** The number of a type as {@link dataTypeName} spells it. */
export function dataTypeOf(name: string): number | undefined {
  if (Object.hasOwn(DATA_TYPE, name)) return DATA_TYPE[name as keyof typeof DATA_TYPE];
  const digits = /^type (\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether a field of this type holds vectors. */
export function isVectorType(type: number): boolean {
  return type >= DATA_TYPE.BinaryVector && type <= DATA_TYPE.Int8Vector;
}
