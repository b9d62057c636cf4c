import type { ProtoReader } from '@vecport/wire';

/** Every field of the metadata of a `SearchResult` the reader is in. `take` must read or skip the value. */
export function inMetadata(reader: ProtoReader, take: (field: number) => void): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) take(inner);
    reader.leave(outer);
  }
}

/** Every entry of the map that is the field's value; `take` must read or skip the entry's value. */
export function eachMapEntry(reader: ProtoReader, take: (key: string) => void): void {
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const entry = reader.enter();
    let key = '';
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 1) key = reader.text();
      else if (inner === 2) take(key);
      else reader.skip();
    }
    reader.leave(entry);
  }
  reader.leave(outer);
}
