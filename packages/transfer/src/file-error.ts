import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';

const MEANINGS: Readonly<Record<string, { readonly code: ErrorCode; readonly text: string; readonly advice: string }>> =
  {
    ENOSPC: {
      code: 'storage',
      text: 'no space is left there',
      advice: 'Free some space or choose another place; what is there is kept.',
    },
    EDQUOT: {
      code: 'storage',
      text: 'the quota is used up',
      advice: 'Free some space or choose another place; what is there is kept.',
    },
    EACCES: {
      code: 'forbidden',
      text: 'this user may not write there',
      advice: 'Change the permissions or choose another place.',
    },
    EPERM: {
      code: 'forbidden',
      text: 'this user may not write there',
      advice: 'Change the permissions or choose another place.',
    },
    EROFS: { code: 'forbidden', text: 'the file system is read-only', advice: 'Choose another place.' },
    EISDIR: { code: 'already-exists', text: 'a folder of that name is there', advice: 'Choose another name.' },
    ENOTDIR: {
      code: 'invalid-argument',
      text: 'a file stands where a folder is needed',
      advice: 'Choose another place.',
    },
  };

/** A VecportError for what the file system threw at a path; anything that is none of its errors is given back as it is. */
export function fileError(error: unknown, path: string): unknown {
  if (isVecportError(error) || typeof error !== 'object' || error === null || !('code' in error)) return error;
  // The code of an aborted operation is a number.
  if (typeof error.code !== 'string') return error;
  const meaning = MEANINGS[error.code];
  if (meaning === undefined)
    return new VecportError(
      'storage',
      `Cannot write ${path}: ${'message' in error ? String(error.message) : error.code}.`,
      { cause: error },
    );
  const { code, text, advice } = meaning;
  return new VecportError(code, `Cannot write ${path}: ${text}.`, { advice, cause: error });
}
