import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';

/** @throws VecportError unless a write was carried out, as it was asked to be before the answer. */
export function checkWritten(status: string): void {
  if (status === 'completed' || status === 'acknowledged') return;
  const late = status === 'wait_timeout';
  throw new VecportError(
    late ? 'timeout' : 'provider-error',
    late ? 'Qdrant took the write and did not finish it in time.' : `Qdrant says of the write: '${status}'.`,
    { provider: PROVIDER, advice: 'Write the same points again: that replaces them.' },
  );
}
