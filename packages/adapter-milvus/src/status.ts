import type { ProtoReader } from '@vecport/wire';
import type { MilvusStatus } from './errors.js';

/** Read a `common.Status`; the reader stands at the field that holds it. */
export function readStatus(reader: ProtoReader): MilvusStatus {
  const outer = reader.enter();
  let [code, legacyCode, reason, retriable] = [0, 0, '', false];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) legacyCode = reader.int32();
    else if (field === 2) reason = reader.text();
    else if (field === 3) code = reader.int32();
    else if (field === 4) retriable = reader.bool();
    else reader.skip();
  }
  reader.leave(outer);
  return { code, legacyCode, reason, retriable };
}

/** Whether the status says that all is well. Some servers fill in only one of its two codes. */
export function isOk({ code, legacyCode }: MilvusStatus): boolean {
  return code === 0 && legacyCode === 0;
}
