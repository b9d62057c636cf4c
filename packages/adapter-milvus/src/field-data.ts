import { corrupt, ProtoReader } from '@vecport/wire';

/** One column of an answer, schema.proto's `FieldData`, its values not decoded yet. */
export interface FieldData {
  readonly name: string;
  readonly type: number;
  readonly isDynamic: boolean;
  /** The `ScalarField` or the `VectorField` message; empty where there are no values. */
  readonly scalars: Uint8Array | undefined;
  readonly vectors: Uint8Array | undefined;
  /** One byte a row, 1 where it has a value; `undefined`: every row has. */
  readonly valid: Uint8Array | undefined;
}

/** Read a `FieldData`; the reader stands at the field that holds it. */
export function readFieldData(reader: ProtoReader): FieldData {
  const outer = reader.enter();
  let [name, type, isDynamic] = ['', 0, false];
  let [scalars, vectors]: (Uint8Array | undefined)[] = [];
  const valid: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = reader.varint();
    else if (field === 2) name = reader.text();
    else if (field === 3) scalars = reader.data();
    else if (field === 4) vectors = reader.data();
    else if (field === 6) isDynamic = reader.bool();
    else if (field === 7) eachPacked(reader, () => valid.push(reader.bool() ? 1 : 0));
    else reader.skip();
  }
  reader.leave(outer);
  return { name, type, isDynamic, scalars, vectors, valid: valid.length === 0 ? undefined : Uint8Array.from(valid) };
}

/** Call `read` for every number of a repeated field, packed or not. */
export function eachPacked(reader: ProtoReader, read: () => void): void {
  if (reader.wireType !== 2) {
    read();
    return;
  }
  const outer = reader.enter();
  while (reader.position < reader.end) read();
  reader.leave(outer);
}

/** A reader inside the member of a message that has this number, or `undefined` where it is not there. */
export function memberReader(message: Uint8Array | undefined, wanted: number): ProtoReader | undefined {
  if (message === undefined) return undefined;
  const reader = new ProtoReader(message);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === wanted) {
      reader.enter();
      return reader;
    }
    reader.skip();
  }
  return undefined;
}

/**
 * Values one a row, `undefined` where a row has none. Servers send either a value for every row or only those
 * that are there.
 * @throws VecportError `corrupt-data` when the number of values fits neither.
 */
export function spreadRows<T>(
  name: string,
  values: readonly T[],
  valid: Uint8Array | undefined,
  rows: number,
): readonly (T | undefined)[] {
  if (valid === undefined) {
    if (values.length !== rows) throw wrongRows(name, values.length, rows);
    return values;
  }
  if (valid.length !== rows) throw wrongRows(name, valid.length, rows);
  if (values.length === rows) return values.map((value, row) => (valid[row] === 1 ? value : undefined));
  const present = valid.reduce((sum, flag) => sum + flag, 0);
  if (values.length !== present) throw wrongRows(name, values.length, present);
  let at = 0;
  return Array.from(valid, (flag) => (flag === 1 ? values[at++] : undefined));
}

/** The error for a column of another length than the others. */
export function wrongRows(name: string, found: number, expected: number): Error {
  return corrupt(`has ${found} values of '${name}' for ${expected} points`);
}
