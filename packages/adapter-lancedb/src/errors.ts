import { types } from 'node:util';
import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';

interface Rule {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly advice?: string;
}

// LanceDB has no error codes: one class, and a message that begins with what happened. First match wins.
const RULES: readonly Rule[] = [
  { pattern: /already exists/i, code: 'already-exists' },
  {
    pattern: /commit conflict|concurrent transaction|too many concurrent/i,
    code: 'conflict',
    advice: 'Try again when the other writer is done.',
  },
  {
    pattern: /os error (27|28|122)\b/,
    code: 'storage',
    advice: 'The disk is full, or a limit on files or quota is reached: free some space.',
  },
  {
    pattern: /os error (1|13|30)\b|PermissionDenied/,
    code: 'storage',
    advice: 'Check that this user may read and write the folder.',
  },
  { pattern: /os error \d+|NotADirectory/, code: 'storage', advice: 'Check the path.' },
  {
    pattern: /^Table '.*' was not found/,
    code: 'not-found',
    advice: 'List the collections of the store to see what there is.',
  },
  {
    pattern: /\.manifest was not found|Not found: \S+_versions/,
    code: 'not-found',
    advice: 'It may have been dropped.',
  },
  {
    pattern: /Not found: /,
    code: 'storage',
    advice: 'Files of the table are gone: somebody dropped it or cleaned it up while it was read.',
  },
  {
    pattern: /Invalid range|invalid magic|sufficient data|checksum|corrupt file|fill whole buffer/i,
    code: 'corrupt-data',
    advice: 'A file of the table is damaged or cut off.',
  },
  { pattern: /query dim\(/, code: 'dimension-mismatch' },
  {
    pattern: /recursion limit/i,
    code: 'not-supported',
    advice: 'The filter is nested deeper than LanceDB reads: make it flatter.',
  },
  { pattern: /Invalid table name|Invalid input|Invalid user input|Invalid argument/i, code: 'invalid-argument' },
  {
    pattern: /(^Table .* is|^Connection is) closed/,
    code: 'unavailable',
    advice: 'The store was closed: open it again.',
  },
];

/** Run calls of LanceDB; what it throws comes out as {@link toVecportError} says. */
export async function lanceCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toVecportError(error);
  }
}

/**
 * An error of LanceDB with its code, told by its message, and LanceDB's own error as `cause`. What
 * LanceDB did not throw (ours, an abort reason, a fault in a program) is returned unchanged.
 */
export function toVecportError(error: unknown): unknown {
  if (isVecportError(error) || !isLanceError(error)) return error;
  const { code, advice } = RULES.find(({ pattern }) => pattern.test(error.message)) ?? {
    code: 'provider-error' as const,
  };
  return new VecportError(code, `${sentence(error.message)}`, { provider: PROVIDER, advice, cause: error });
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** Something LanceDB, or a table as it was made, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

// Errors of the native library carry a code that no error of JavaScript's own has.
function isLanceError(error: unknown): error is Error {
  return (
    types.isNativeError(error) && 'code' in error && (error.code === 'GenericFailure' || error.code === 'InvalidArg')
  );
}

// The message goes on with places in LanceDB's source and the same again as its cause.
function sentence(message: string): string {
  const [first = message] = message.split(
    /,? \/(?:usr|rustc|root|home)\/\S*?\.rs:|\n|\s+Caused by:|, location: Location/,
  );
  const text = first
    .replace(/^(?:Failed to [a-z ]+: |GenericFailure, |lance error: |LanceError\(IO\): |Generic memory error: )+/, '')
    .trim();
  return `LanceDB: ${text.endsWith('.') ? text : `${text}.`}`;
}
