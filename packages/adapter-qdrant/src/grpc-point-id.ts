import type { ProtoReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { isPointId, isUuidAt, type PointId, UUID_LENGTH } from './point-id.js';

/** A `PointId`: an unsigned integer or a uuid. @throws VecportError `corrupt-data` for another one. */
export function readPointId(reader: ProtoReader): PointId {
  const outer = reader.enter();
  let id: PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1 && reader.wireType === 0) id = integerId(reader);
    else if (field === 2) id = uuidId(reader);
    else reader.skip();
  }
  reader.leave(outer);
  if (id === undefined) throw noPointId('');
  return id;
}

function integerId(reader: ProtoReader): PointId {
  const small = reader.smallVarint();
  return String(small < 0 ? reader.uint64() : small);
}

function uuidId(reader: ProtoReader): PointId {
  const { position } = reader;
  const length = reader.skipData();
  const end = reader.position;
  if (length === UUID_LENGTH && isUuidAt(reader.bytes, end - length)) return reader.ascii(end - length, end);
  reader.position = position;
  const text = reader.text();
  if (!isPointId(text)) throw noPointId(text);
  return text;
}

function noPointId(text: string): Error {
  return corruptAnswer(`The answer has the identifier '${text}', which Qdrant does not have.`);
}
