import { type Attributes, type Context, context, metrics, SpanStatusCode, trace } from '@opentelemetry/api';

const SCOPE = '@vecport/transfer';

/** What is counted, besides spans: `vecport.transfer.points`, `.bytes` and `.retries`. */
type Measure = 'points' | 'bytes' | 'retries';

/** Spans and counters of a run through the OpenTelemetry API: nothing happens when no SDK is registered. */
export interface Telemetry {
  /** A span around work, with the spans begun through the given telemetry below it. A failure is recorded in it. */
  span<T>(name: string, attributes: Attributes, work: (below: Telemetry) => Promise<T>): Promise<T>;
  count(measure: Measure, value: number, attributes: Attributes): void;
}

/** Telemetry below the span that is active where it is made. */
export function createTelemetry(): Telemetry {
  const meter = metrics.getMeter(SCOPE);
  const counters = {
    points: meter.createCounter('vecport.transfer.points', { unit: '{point}', description: 'Points written.' }),
    bytes: meter.createCounter('vecport.transfer.bytes', { unit: 'By', description: 'Bytes of columns written.' }),
    retries: meter.createCounter('vecport.transfer.retries', { unit: '{retry}', description: 'Reads tried again.' }),
  } satisfies Record<Measure, unknown>;
  return telemetryIn(context.active(), (measure, value, attributes) => counters[measure].add(value, attributes));
}

function telemetryIn(parent: Context, count: Telemetry['count']): Telemetry {
  return {
    count,
    span: async (name, attributes, work) => {
      const span = trace.getTracer(SCOPE).startSpan(name, { attributes }, parent);
      const inside = trace.setSpan(parent, span);
      try {
        return await context.with(inside, async () => work(telemetryIn(inside, count)));
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
