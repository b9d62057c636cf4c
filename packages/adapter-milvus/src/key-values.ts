import type { ProtoReader, ProtoWriter } from '@vecport/wire';

/** Settings as Milvus passes them around: texts by name. */
export type KeyValues = Readonly<Record<string, string>>;

/** Read one `KeyValuePair` into `into`. */
export function readKeyValue(reader: ProtoReader, into: Record<string, string>): void {
  const outer = reader.enter();
  let [key, value] = ['', ''];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.text();
    else if (field === 2) value = reader.text();
    else reader.skip();
  }
  reader.leave(outer);
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Write pairs as repeated messages of one field. */
export function writeKeyValues(writer: ProtoWriter, field: number, pairs: KeyValues): void {
  for (const [key, value] of Object.entries(pairs)) {
    writer.message(field, (pair) => pair.text(1, key).text(2, value));
  }
}
