import { VecportError } from '@vecport/abstractions';

/** The command line asks for something that cannot be; another command line can. */
export function usageError(message: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', message, { advice });
}
