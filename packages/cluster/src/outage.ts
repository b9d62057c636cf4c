import { setTimeout as sleep } from 'node:timers/promises';
import { VecportError } from '@vecport/abstractions';

/** How long one question may go without an answer before it counts as none. */
const ANSWER_MS = 5000;

/** How a queue is watched. */
export interface OutageWatch {
  /** As it may be shown. */
  readonly shown: string;
  /** Milliseconds without any answer after which the queue is gone. */
  readonly patienceMs: number;
  readonly everyMs: number;
  /** Milliseconds that one question may take; 5 s if not said. */
  readonly answerMs?: number | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** The queue does not answer, and is waited for; told once an outage. */
  readonly onOutage?: ((error: unknown) => void) | undefined;
  /** It answers again. */
  readonly onReturn?: (() => void) | undefined;
}

/**
 * Ask the queue something again and again until `ask` says `true` or the watch is ended. Failures are waited out.
 * @throws VecportError `unavailable` when no question was answered for too long; what `isFinal` names, at once.
 */
export async function askAgain(
  ask: () => Promise<boolean>,
  { shown, patienceMs, everyMs, answerMs = ANSWER_MS, signal, onOutage, onReturn }: OutageWatch,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<void> {
  let answered = performance.now();
  let out = false;
  while (!signal.aborted) {
    try {
      if (await answerOf(ask, Math.min(answerMs, patienceMs))) return;
      answered = performance.now();
      if (out) onReturn?.();
      out = false;
    } catch (error) {
      if (isFinal(error)) throw error;
      if (performance.now() - answered >= patienceMs) throw queueGone(shown, patienceMs, error);
      if (!out) onOutage?.(error);
      out = true;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Do one thing with the queue, again after failures. @throws as {@link askAgain}, and the signal's reason. */
export async function persist<T>(
  work: () => Promise<T>,
  watch: OutageWatch,
  isFinal?: (error: unknown) => boolean,
): Promise<T> {
  let result: { readonly value: T } | undefined;
  const once = async (): Promise<boolean> => {
    result = { value: await work() };
    return true;
  };
  await askAgain(once, watch, isFinal);
  if (result !== undefined) return result.value;
  throw watch.signal.reason;
}

function queueGone(shown: string, patienceMs: number, cause: unknown): VecportError {
  const seconds = Math.round(patienceMs / 1000);
  return new VecportError('unavailable', `The queue ${shown} has not answered for ${seconds} s.`, {
    operation: 'cluster',
    advice: 'What is committed is kept: go on when it is back, or without a cluster.',
    cause,
  });
}

async function answerOf(ask: () => Promise<boolean>, within: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${within / 1000} s.`)), within);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
