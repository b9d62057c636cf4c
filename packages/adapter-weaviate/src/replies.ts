import { ProtoReader } from '@vecport/wire';
import { providerError } from './errors.js';

/** The number of objects in an `AggregateReply`. */
export function readCount(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  let count: number | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    // A zero may be left out.
    count = 0;
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 1) count = reader.varint();
      else reader.skip();
    }
    reader.leave(outer);
  }
  if (count === undefined) throw providerError('Weaviate did not say how many objects there are.');
  return count;
}

/** How many objects a `BatchDeleteReply` says could not be deleted. */
export function readDeleteFailures(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  let failed = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) failed = reader.varint();
    else reader.skip();
  }
  return failed;
}

/** The errors of a `BatchObjectsReply`, by the position of the object in the request. */
export function readBatchErrors(bytes: Uint8Array): ReadonlyMap<number, string> {
  const reader = new ProtoReader(bytes);
  const errors = new Map<number, string>();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 2) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    let index = 0;
    let message = '';
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 1) index = reader.int32();
      else if (inner === 2) message = reader.text();
      else reader.skip();
    }
    reader.leave(outer);
    errors.set(index, message === '' ? 'no reason given' : message);
  }
  return errors;
}
