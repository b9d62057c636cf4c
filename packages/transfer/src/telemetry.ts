import type * as OpenTelemetry from '@opentelemetry/api';
import type { Attributes, Context } from '@opentelemetry/api';

const SCOPE = '@vecport/transfer';

/** What is counted, besides spans: `vecport.transfer.points`, `.bytes` and `.retries`. */
type Measure = 'points' | 'bytes' | 'retries';

/** Spans and counters of a run through the OpenTelemetry API: nothing happens when no SDK is registered. */
export interface Telemetry {
  /** A span around work, with the spans begun through the given telemetry below it. A failure is recorded in it. */
  span<T>(name: string, attributes: Attributes, work: (below: Telemetry) => Promise<T>): Promise<T>;
  count(measure: Measure, value: number, attributes: Attributes): void;
}

/** Where the API keeps what an SDK registers with it, for all copies of its first major version. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

const none: Telemetry = { span: async (_name, _attributes, work) => work(none), count: () => {} };

/** Telemetry below the span that is active where it is made. The API is loaded only where an SDK is registered by then. */
export async function createTelemetry(): Promise<Telemetry> {
  if (Reflect.get(globalThis, REGISTERED) === undefined) return none;
  const api = await import('@opentelemetry/api');
  const meter = api.metrics.getMeter(SCOPE);
  const counters = {
    points: meter.createCounter('vecport.transfer.points', { unit: '{point}', description: 'Points written.' }),
    bytes: meter.createCounter('vecport.transfer.bytes', { unit: 'By', description: 'Bytes of columns written.' }),
    retries: meter.createCounter('vecport.transfer.retries', { unit: '{retry}', description: 'Reads tried again.' }),
  } satisfies Record<Measure, unknown>;
  const count: Telemetry['count'] = (measure, value, attributes) => counters[measure].add(value, attributes);
  return telemetryIn(api, api.context.active(), count);
}

function telemetryIn(api: typeof OpenTelemetry, parent: Context, count: Telemetry['count']): Telemetry {
  const { context, SpanStatusCode, trace } = api;
  return {
    count,
    span: async (name, attributes, work) => {
      const span = trace.getTracer(SCOPE).startSpan(name, { attributes }, parent);
      const inside = trace.setSpan(parent, span);
      try {
        return await context.with(inside, async () => work(telemetryIn(api, inside, count)));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        span.recordException(error instanceof Error ? error : message);
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        throw error;
      } finally {
        span.end();
      }
    },
  };
}
