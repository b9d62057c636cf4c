import type { BackendFactory, IQueueBackend } from 'bullmq';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';

/** What a queue is kept in. */
export interface Backend {
  /** For every queue and worker of BullMQ; its own default, Redis, if absent. */
  readonly factory?: BackendFactory<IQueueBackend, unknown> | undefined;
  /** What the factory connects with. */
  readonly connection: unknown;
  /** A limiter of so many points in each second, shared by all who name the same key. */
  rateLimiter(points: number): Promise<RateLimiterAbstract>;
  /** Close what queues and workers do not close themselves. */
  close(): Promise<void>;
}
