import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Attributes,
  type Context,
  context,
  metrics,
  type Span,
  type SpanOptions,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type ExportRequest, eventsOf, exportDataset, type TransferEvent } from '../src/index.js';
import { cutAfter, faulty } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let repository: IVectorSearchRepository;

beforeAll(async () => {
  ({ repository } = await filled(dense('c', 2), randomPoints(7, 100, 2)));
});

const busy = new VecportError('rate-limited', 'Slow down.', { retryAfterMs: 1 });

async function request(options: Partial<ExportRequest> = {}): Promise<ExportRequest> {
  const storage = localStorage(await tempFolder());
  return exporting(repository, storage, { partRows: 20, batchSize: 10, parallel: 1, ...options });
}

describe('the events of an export', () => {
  it('tell the plan, progress, parts and the report in their order', async () => {
    const asked = await request();
    const events = await Array.fromAsync(
      eventsOf(async (onEvent, signal) => exportDataset({ ...asked, onEvent, signal })),
    );
    expect(events[0]).toMatchObject({ type: 'plan', resumed: false, plan: { collections: [{ partRows: 20 }] } });
    expect(events.filter(({ type }) => type === 'part')).toHaveLength(5);
    expect(events.findLast(({ type }) => type === 'progress')).toMatchObject({ done: 100, total: 100, retries: 0 });
    expect(events.at(-1)).toMatchObject({ type: 'done', report: { resumed: 'no' } });
  });

  it('keep only the latest progress for a consumer that is slow', async () => {
    const progress = (done: number): TransferEvent => ({
      ...{ type: 'progress', collection: 'c', done, bytes: 0, retries: 0, pointsPerSecond: 0, bytesPerSecond: 0 },
    });
    const part: TransferEvent = { type: 'part', collection: 'c', path: 'p', rows: 1, bytes: 1 };
    const events = eventsOf(async (onEvent) => {
      for (const event of [progress(1), progress(2), part, progress(3), progress(4)]) onEvent(event);
    });
    expect(await Array.fromAsync(events)).toEqual([progress(2), part, progress(4)]);
  });

  it('end with the error of the run, after what came before it', async () => {
    const asked = await request({ repositories: [cutAfter(repository, 5)] });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { type } of eventsOf(async (onEvent, signal) => exportDataset({ ...asked, onEvent, signal })))
        seen.push(type);
    })();
    await expect(reading).rejects.toThrow('cut');
    expect(seen).toContain('part');
  });

  it('stop the run when the loop is left, and wait for its end', async () => {
    let ended = false;
    for await (const _event of eventsOf(async (onEvent, signal) => {
      onEvent({ type: 'warning', message: 'x' });
      while (!signal.aborted) await turn();
      ended = true;
      signal.throwIfAborted();
    }))
      break;
    expect(ended).toBe(true);
  });
});

describe('attempts', () => {
  it('are counted in progress, events and report', async () => {
    let left = 4;
    const repositories = [faulty(repository, (pages) => (pages % 3 === 1 && left-- > 0 ? busy : undefined))];
    const events: TransferEvent[] = [];
    const seen: (number | undefined)[] = [];
    const asked = await request({
      repositories,
      onEvent: (event) => events.push(event),
      onProgress: ({ retries }) => seen.push(retries),
    });
    const report = await exportDataset(asked);
    expect(report.retries).toBe(4);
    expect(seen.at(-1)).toBe(4);
    expect(events.find(({ type }) => type === 'retry')).toEqual({
      ...{ type: 'retry', collection: 'c', reason: 'Slow down.', attempt: 0, delayMs: 1 },
    });
    expect(report.manifest.collections[0]).toMatchObject({ consistency: 'snapshot', counts: { exported: 100 } });
  });

  it('end an export when there may be none, and it can be resumed', async () => {
    const down = new VecportError('unavailable', 'The store is down.');
    const asked = await request({
      retries: 0,
      repositories: [faulty(repository, (pages) => (pages > 5 ? down : undefined))],
    });
    await expect(exportDataset(asked)).rejects.toBe(down);
    const report = await exportDataset({ ...asked, repositories: [repository], resume: true });
    expect(report.manifest.collections[0]?.counts.exported).toBe(100);
  });

  it('make a read that is begun again a scan where no slice holds its state', async () => {
    const { slices: _slices, ...whole } = repository;
    let left = 1;
    const repositories = [faulty(whole, (pages) => (pages === 3 && left-- > 0 ? busy : undefined))];
    const { manifest } = await exportDataset(await request({ repositories }));
    expect(manifest.collections[0]?.consistency).toBe('scan');
    const plain = await exportDataset(await request({ repositories: [whole] }));
    expect(plain.manifest.collections[0]?.consistency).toBe('point-in-time');
  });
});

describe('a deadline', () => {
  it('ends the run with an error that says how to go on', async () => {
    const slow: IVectorSearchRepository = {
      ...repository,
      exportAll: async function* (options) {
        let pages = 0;
        for await (const batch of repository.exportAll?.(options) ?? []) {
          // From the third page on, nothing comes any more.
          while (pages > 2) {
            await turn();
            options?.signal?.throwIfAborted();
          }
          pages++;
          yield batch;
        }
      },
    };
    const asked = await request({ repositories: [slow], timeoutMs: 300, partRows: 10 });
    await expect(exportDataset({ ...asked, repositories: [{ ...slow, slices: oneSlice }] })).rejects.toMatchObject({
      code: 'timeout',
      reason: 'It was not done within 0.3 s.',
      advice: expect.stringContaining('--resume'),
    });
    const report = await exportDataset({ ...asked, repositories: [repository], resume: true, timeoutMs: 60_000 });
    expect(report.manifest.collections[0]?.counts.exported).toBe(100);
  });

  it('must be one that a timer can hold', async () => {
    for (const timeoutMs of [0, Number.NaN, 2 ** 31])
      await expect(exportDataset(await request({ timeoutMs }))).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

it('a rate, a budget and retries change nothing of the files', async () => {
  const plain = await exportDataset(await request());
  const limited = await exportDataset(await request({ rateLimit: 1e6, maxMemory: 1, retries: 0, parallel: 8 }));
  expect(limited.manifest.collections[0]?.parts).toEqual(plain.manifest.collections[0]?.parts);
});

describe('traces', () => {
  afterEach(() => {
    trace.disable();
    metrics.disable();
    context.disable();
  });

  it('have a span for the run, each collection and each slice, one below the other', async () => {
    const spans = recordSpans();
    const counted = recordCounts();
    await exportDataset(await request());
    const [run, collection, ...slices] = spans;
    expect(run).toMatchObject({ name: 'vecport.export', ended: true, parent: undefined });
    expect(collection).toMatchObject({ name: 'vecport.collection', parent: 'vecport.export', ended: true });
    expect(slices).toHaveLength(5);
    expect(slices[0]).toMatchObject({
      name: 'vecport.slice',
      parent: 'vecport.collection',
      attributes: { 'vecport.collection': 'c', 'vecport.slice': 0 },
      ended: true,
    });
    expect(counted['vecport.transfer.points']).toBe(100);
    expect(counted['vecport.transfer.bytes']).toBeGreaterThan(800);
  });

  it('record a failure and retries', async () => {
    const spans = recordSpans();
    const counted = recordCounts();
    let left = 2;
    const fault = (pages: number): Error | undefined =>
      pages === 2 && left-- > 0 ? busy : pages === 6 ? new Error('broken') : undefined;
    await expect(exportDataset(await request({ repositories: [faulty(repository, fault)] }))).rejects.toThrow('broken');
    expect(spans.map(({ ended }) => ended)).not.toContain(false);
    expect(spans[0]).toMatchObject({ error: 'broken' });
    expect(counted['vecport.transfer.retries']).toBe(2);
  });
});

const oneSlice: NonNullable<IVectorSearchRepository['slices']> = async (_count, options) =>
  repository.slices?.(1, options) ?? { slices: [], consistency: 'scan' };

interface RecordedSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Attributes | undefined;
  ended: boolean;
  error: string | undefined;
}

/** Registers a tracer that keeps its spans, in the order they began. */
function recordSpans(): readonly RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  const byContext = new Map<string, RecordedSpan>();
  const startSpan = (name: string, options: SpanOptions = {}, parent: Context = context.active()): Span => {
    const above = byContext.get(trace.getSpanContext(parent)?.spanId ?? '');
    const record: RecordedSpan = {
      ...{ name, parent: above?.name, attributes: options.attributes, ended: false, error: undefined },
    };
    spans.push(record);
    const spanId = String(spans.length).padStart(16, '0');
    byContext.set(spanId, record);
    return {
      spanContext: () => ({ traceId: '1'.repeat(32), spanId, traceFlags: 1 }),
      recordException: () => {},
      setStatus: ({ message }: { readonly message?: string }) => {
        record.error = message;
      },
      end: () => {
        record.ended = true;
      },
    } as unknown as Span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) } as unknown as TracerProvider);
  return spans;
}

/** Registers a meter that adds up its counters, by name. */
function recordCounts(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const createCounter = (name: string) => ({
    add: (value: number) => {
      counts[name] = (counts[name] ?? 0) + value;
    },
  });
  metrics.setGlobalMeterProvider({ getMeter: () => ({ createCounter }) } as never);
  return counts;
}
