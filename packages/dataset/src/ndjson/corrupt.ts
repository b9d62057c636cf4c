import { isVecportError, VecportError } from '@vecport/abstractions';

/** The error for text that is not what the format says. `what` is a sentence with its place. */
export function corruptPart(what: string, cause?: unknown): VecportError {
  return new VecportError('corrupt-data', `The NDJSON part is damaged: ${what}`, {
    advice: 'Get the file again from where it was written, or export again.',
    cause,
  });
}

/** What went wrong with a line, naming its number; other errors than damage are given back as they are. */
export function inLine(line: number, error: unknown): unknown {
  if (!isVecportError(error) || error.code !== 'corrupt-data') return error;
  return corruptPart(`line ${line} ${error.reason.replace(/^The answer /, '')}`, error);
}
