import { hostname } from 'node:os';
import type { WorkerRecord } from './run-record.js';

/** Counts what a worker does. */
export interface WorkerTally {
  begin(what: string): void;
  end(what: string, parts: number): void;
  fail(): void;
  read(points: number, bytes: number): void;
  waited(milliseconds: number): void;
  drain(): void;
  /** As it is told to others; the rate is over the time since it was last told. */
  record(): WorkerRecord;
}

/** A tally of nothing. */
export function createWorkerTally(name: string, concurrency: number, now: () => number = Date.now): WorkerTally {
  const startedAt = new Date(now()).toISOString();
  const active: string[] = [];
  const sums = { turns: 0, parts: 0, points: 0, bytes: 0, failures: 0, waits: 0, queueMs: 0 };
  let draining = false;
  let last = { at: now(), points: 0 };
  return {
    begin: (what) => active.push(what),
    end: (what, parts) => {
      active.splice(active.indexOf(what), 1);
      sums.turns++;
      sums.parts += parts;
    },
    fail: () => {
      sums.failures++;
    },
    read: (points, bytes) => {
      sums.points += points;
      sums.bytes += bytes;
    },
    waited: (milliseconds) => {
      sums.waits++;
      sums.queueMs += milliseconds;
    },
    drain: () => {
      draining = true;
    },
    record: () => {
      const at = now();
      const pointsPerSecond = Math.round(((sums.points - last.points) / Math.max(1, at - last.at)) * 1000);
      last = { at, points: sums.points };
      const self = { name, host: hostname(), pid: process.pid, startedAt, concurrency };
      return { ...self, ...sums, seenAt: at, draining, active: [...active], pointsPerSecond };
    },
  };
}
