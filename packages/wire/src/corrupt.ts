import { VecportError } from '@vecport/abstractions';

/** Bytes that do not decode. `what` ends the sentence "The answer …". */
export function corrupt(what: string, cause?: unknown): VecportError {
  return new VecportError('corrupt-data', `The answer ${what}.`, {
    advice:
      'It was cut off or changed on its way, or the server speaks another protocol: try again, then check the URL.',
    cause,
  });
}
