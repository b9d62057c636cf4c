import { type ErrorContext, isVecportError, VecportError, withContext } from '@vecport/abstractions';
import { messageOf } from './foreign-error.js';
import { scrub, scrubCause } from './secrets.js';

/**
 * What to throw for something thrown by an adapter: the abort reason as it is when the signal was
 * aborted, our own error with the context it lacks, anything else as `provider-error`. None of
 * `secrets` stays in it.
 */
export function addErrorContext(
  error: unknown,
  context: ErrorContext,
  signal: AbortSignal | undefined,
  secrets: readonly string[] = [],
): unknown {
  if (signal?.aborted === true && isAbort(error, signal)) return signal.reason;
  const known = isVecportError(error) ? error : foreignError(error);
  const full = hasContext(known, context) ? known : withContext(known, context);
  return secrets.length === 0 ? full : withoutSecrets(full, secrets);
}

function foreignError(error: unknown): VecportError {
  const text = messageOf(error);
  return new VecportError('provider-error', /[.!?]$/.test(text) ? text : `${text}.`, { cause: error });
}

// Clients that are given a signal throw an error of their own when it is aborted.
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (error === signal.reason) return true;
  if (typeof error !== 'object' || error === null) return false;
  return ('name' in error && error.name === 'AbortError') || ('cause' in error && error.cause === signal.reason);
}

function hasContext(error: VecportError, context: ErrorContext): boolean {
  return (
    (context.provider === undefined || error.provider !== undefined) &&
    (context.collection === undefined || error.collection !== undefined) &&
    (context.operation === undefined || error.operation !== undefined) &&
    (context.advice === undefined || error.advice !== undefined)
  );
}

function withoutSecrets(error: VecportError, secrets: readonly string[]): VecportError {
  return new VecportError(error.code, scrub(error.reason, secrets), {
    provider: error.provider,
    collection: error.collection,
    operation: error.operation,
    advice: error.advice === undefined ? undefined : scrub(error.advice, secrets),
    retryAfterMs: error.retryAfterMs,
    cause: scrubCause(error.cause, secrets),
  });
}
