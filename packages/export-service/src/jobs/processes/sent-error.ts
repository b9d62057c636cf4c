import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import type { ProblemCode } from '../../contract/problem-schema.js';
import { isStorageError } from '../../problems/is-storage-error.js';
import { ProblemError } from '../../problems/problem-error.js';

interface Thrown {
  readonly message: string;
  /** For the log. */
  readonly stack?: string | undefined;
}

/** An error as plain data. Its causes are in its stack, for the log. */
export type SentError =
  | (Thrown & { readonly type: 'problem'; readonly code: ProblemCode; readonly retryAfter?: number | undefined })
  | (Thrown & { readonly type: 'vecport'; readonly code: ErrorCode; readonly advice?: string | undefined })
  | (Thrown & { readonly type: 'other' });

/** What another process is told of a thrown value. */
export function sentError(error: unknown): SentError {
  const stack = stackOf(error);
  if (error instanceof ProblemError) {
    return { type: 'problem', code: error.code, message: error.message, retryAfter: error.retryAfter, stack };
  }
  if (isStorageError(error)) {
    return {
      type: 'problem',
      code: 'write-to-backend-failed',
      message: `write to backend failed: ${error.message}`,
      stack,
    };
  }
  if (isVecportError(error)) {
    return { type: 'vecport', code: error.code, message: error.reason, advice: error.advice, stack };
  }
  return { type: 'other', message: error instanceof Error ? error.message : String(error), stack };
}

/** The error another process told of. Its code and message are the same; its stack is the cause. */
export function receivedError(sent: SentError): Error {
  const cause = new Error(sent.message);
  if (sent.stack !== undefined) cause.stack = sent.stack;
  switch (sent.type) {
    case 'problem':
      return new ProblemError(sent.code, sent.message, { retryAfter: sent.retryAfter, cause });
    case 'vecport':
      return new VecportError(sent.code, sent.message, { advice: sent.advice, cause });
    case 'other':
      return cause;
  }
}

/** The most errors that are followed from cause to cause. */
const MAX_CAUSES = 5;

function stackOf(error: unknown): string | undefined {
  const stacks: string[] = [];
  let at = error;
  for (let depth = 0; at instanceof Error && depth < MAX_CAUSES; depth++) {
    stacks.push(at.stack ?? at.message);
    at = at.cause;
  }
  return stacks.length === 0 ? undefined : stacks.join('\nCaused by: ');
}
