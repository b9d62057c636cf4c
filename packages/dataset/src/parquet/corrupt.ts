import { VecportError } from '@vecport/abstractions';

/** The error for bytes that are not what the format says. `what` is a sentence with its place. */
export function corrupt(what: string, cause?: unknown): VecportError {
  return new VecportError('corrupt-data', `The Parquet part is damaged: ${what}`, {
    advice: 'Get the file again from where it was written, or export again.',
    cause,
  });
}
