import { type ExportBatch, isVecportError } from '@vecport/abstractions';
import type { RepositoryLayer } from '../repository-layer.js';
import type { OnTrace, TraceEvent } from '../trace-event.js';
import { aroundCalls, type RepositoryCall } from './around-calls.js';

let lastId = 0;

/** Tells `onTrace` about the begin and the end of every call. */
export function tracingLayer(onTrace: OnTrace): RepositoryLayer {
  return (inner) => {
    const begin = (call: RepositoryCall): ((outcome: Outcome) => void) => {
      const started = performance.now();
      const event = {
        id: ++lastId,
        operation: call.operation,
        provider: inner.provider,
        collection: inner.collection,
      };
      onTrace({ kind: 'start', ...event });
      return (outcome) => onTrace({ kind: 'end', ...event, durationMs: performance.now() - started, ...outcome });
    };
    return aroundCalls(inner, {
      call: async (call, run) => {
        const end = begin(call);
        try {
          const result = await run();
          end({ points: pointsIn(result) });
          return result;
        } catch (error) {
          end({ error: errorName(error, call.signal) });
          throw error;
        }
      },
      iterate: async function* (call, open): AsyncGenerator<ExportBatch, void, undefined> {
        const end = begin(call);
        let points = 0;
        let failure: Outcome['error'];
        try {
          for await (const batch of open()) {
            points += batch.ids.length;
            yield batch;
          }
        } catch (error) {
          failure = errorName(error, call.signal);
          throw error;
        } finally {
          end({ points, error: failure });
        }
      },
    });
  };
}

type Outcome = Pick<TraceEvent, 'points' | 'error'>;

function errorName(error: unknown, signal: AbortSignal | undefined): Outcome['error'] {
  if (signal?.aborted === true && error === signal.reason) return 'aborted';
  return isVecportError(error) ? error.code : 'provider-error';
}

function pointsIn(result: unknown): number | undefined {
  if (typeof result === 'number') return result;
  if (Array.isArray(result)) return result.length;
  if (typeof result !== 'object' || result === null) return undefined;
  if ('accepted' in result && typeof result.accepted === 'number') return result.accepted;
  return 'ids' in result && Array.isArray(result.ids) ? result.ids.length : undefined;
}
