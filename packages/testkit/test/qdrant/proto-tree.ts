import { ProtoReader } from '@vecport/wire';

/** A field: what it is called, what its value is, and whether it repeats or is a map. */
type Field = readonly [name: string, kind: Kind, how?: 'list' | 'map'];
type Kind = 'int' | 'text' | 'float' | 'floats' | 'ints' | 'double' | (() => Message);
export interface Message {
  readonly [number: number]: Field;
}

/** A message with its fields by name. What was not sent is not there; a field that is not known throws. */
export type Tree = { [name: string]: unknown };

export function protoTree(bytes: Uint8Array, message: Message): Tree {
  return readMessage(new ProtoReader(bytes), message);
}

function readMessage(reader: ProtoReader, message: Message): Tree {
  const tree: Tree = {};
  for (let number = reader.next(); number !== 0; number = reader.next()) {
    const field = message[number];
    if (field === undefined) throw new Error(`The field ${number} is not known to the test.`);
    const [name, kind, how] = field;
    if (how === 'map') tree[name] = { ...(tree[name] as Tree | undefined), ...readEntry(reader, kind) };
    else if (how === 'list') tree[name] = [...((tree[name] as unknown[] | undefined) ?? []), readValue(reader, kind)];
    else if (name in tree) throw new Error(`The field ${name} comes twice.`);
    else tree[name] = readValue(reader, kind);
  }
  return tree;
}

/** An entry of a map; a message that was left out is an empty one. */
function readEntry(reader: ProtoReader, kind: Kind): Tree {
  const outer = reader.enter();
  const entry = readMessage(reader, { 1: ['key', 'text'], 2: ['value', kind] });
  reader.leave(outer);
  return { [String(entry['key'])]: entry['value'] ?? {} };
}

function readValue(reader: ProtoReader, kind: Kind): unknown {
  if (kind === 'int') return reader.uint64();
  if (kind === 'text') return reader.text();
  if (kind === 'float') return reader.float();
  if (kind === 'double') return reader.double();
  if (kind === 'floats') return readPackedFloats(reader);
  const outer = reader.enter();
  const value = kind === 'ints' ? readPackedInts(reader) : readMessage(reader, kind());
  reader.leave(outer);
  return value;
}

function readPackedFloats(reader: ProtoReader): Float32Array {
  const values = new Float32Array(reader.packedLength() / 4);
  reader.floats(values, 0);
  return values;
}

function readPackedInts(reader: ProtoReader): bigint[] {
  const values: bigint[] = [];
  while (reader.position < reader.end) values.push(reader.uint64());
  return values;
}
