import { setTimeout as delay } from 'node:timers/promises';
import { StorageError } from '../storage-error.js';
import type { Fault } from './object-driver.js';

/** How often a request is tried, and how long is waited in between. */
export interface RetryPolicy {
  /** All attempts together, the first among them. */
  readonly attempts: number;
  /** The first wait is at most this long; each further one twice as long. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** How long a request may be without an answer, or an answer without a byte. */
  readonly timeoutMs: number;
}

/** Eight attempts within about 16 s, if the store does not ask for more. */
export const DEFAULT_RETRIES: RetryPolicy = {
  attempts: 8,
  firstWaitMs: 250,
  longestWaitMs: 16_000,
  timeoutMs: 60_000,
};

/** A wait that a store asks for is not kept beyond this. */
const LONGEST_ASKED_MS = 60_000;

/** One request of a storage. */
export interface Call {
  /** A verb with its object's place: `write to`. */
  readonly action: string;
  /** What it is about, to be shown. */
  readonly place: string;
  readonly signal: AbortSignal | undefined;
}

/** Tries a request until it succeeds or there is no sense in it; see {@link createCaller}. */
export type Caller = <T>(call: Call, step: (signal: AbortSignal, attempt: number) => Promise<T>) => Promise<T>;

/**
 * A function that makes requests: faults that may pass are tried again with growing, random waits, as long as the store
 * asks for if it does. What is left over is thrown as a `StorageError`, the abort reason as it is.
 */
export function createCaller(policy: RetryPolicy, explain: (error: unknown) => Fault): Caller {
  const never = new AbortController().signal;
  return async (call, step) => {
    const signal = call.signal ?? never;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await step(signal, attempt);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StorageError) throw error;
        const fault = explain(error);
        if (!fault.transient || attempt >= policy.attempts) throw refusal(call, fault, attempt, error);
        await waitFor(waitMs(policy, attempt, fault), signal);
      }
    }
  };
}

function waitMs({ firstWaitMs, longestWaitMs }: RetryPolicy, attempt: number, { retryAfterMs }: Fault): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, LONGEST_ASKED_MS);
  // At random, so that those whom a store has turned away together do not come back together.
  return Math.random() * Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function refusal({ action, place }: Call, { code, text }: Fault, attempts: number, error: unknown): StorageError {
  const tried = attempts > 1 ? ` Tried ${attempts} times.` : '';
  return new StorageError(code, `Cannot ${action} ${place}: ${text}${tried}`, place, withoutSecrets(error));
}

/** Errors of clients hold whole requests, with what they were signed with: only their texts are kept. */
function withoutSecrets(error: unknown): Error {
  const { name, message } = error instanceof Error || isErrorLike(error) ? error : new Error(String(error));
  const kept = new Error(message);
  kept.name = name;
  return kept;
}

function isErrorLike(value: unknown): value is { name: string; message: string } {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('message' in value)) return false;
  return typeof value.name === 'string' && typeof value.message === 'string';
}
