/** What a run of a cluster is predicted from. */
export interface ClusterRun {
  readonly points: number;
  /** Of a part's file. */
  readonly bytesPerPoint: number;
  /** Slices of the plan: so many workers can be busy at most. */
  readonly slices: number;
  /** Parts of all slices together. */
  readonly parts: number;
  readonly workers: number;
  /** Slices a worker works on at the same time. */
  readonly concurrency: number;
  /** Points a second of one worker, measured with one worker alone and nothing else to wait for. */
  readonly workerPointsPerSecond: number;
  /** Points a second that the provider gives to all of them; no bound if not said. */
  readonly providerPointsPerSecond?: number | undefined;
  /** Bytes a second that the bucket takes from all of them; no bound if not said. */
  readonly bucketBytesPerSecond?: number | undefined;
  /** Requests a second that the bucket takes from all of them; no bound if not said. */
  readonly bucketRequestsPerSecond?: number | undefined;
  /** Requests a part costs: the part, its checkpoint, and what is read before; 4 if not said. */
  readonly requestsPerPart?: number | undefined;
  /** Milliseconds that the queue costs for each part, in which a worker's place does nothing. */
  readonly queueMsPerPart: number;
  /** Seconds before the first part and after the last: plan, checks, manifest. */
  readonly fixedSeconds: number;
}

/** What holds a run back. */
type Bound = 'workers' | 'provider' | 'bucket bytes' | 'bucket requests' | 'slices';

/** How a run is expected to go. */
export interface Prediction {
  readonly seconds: number;
  readonly pointsPerSecond: number;
  readonly bound: Bound;
}

const REQUESTS_PER_PART = 4;

/**
 * How long a run takes: its parts are dealt out to places of workers as a cluster does it, the slice with the fewest
 * turns first and one turn of a slice at a time, and each place works at the rate that the tightest bound leaves it.
 * Rates are taken as steady. Pure.
 */
export function predictRun(run: ClusterRun): Prediction {
  const { points, slices, parts, workers, concurrency, queueMsPerPart, fixedSeconds } = run;
  const places = Math.min(workers * concurrency, slices);
  const { rate, bound } = rateOf(run, places);
  const slot = points / parts / (rate / places) + queueMsPerPart / 1000;
  const seconds = fixedSeconds + turnsToEnd(slices, parts, places) * slot;
  const idle = workers * concurrency > slices && bound === 'workers';
  return { seconds, pointsPerSecond: points / seconds, bound: idle ? 'slices' : bound };
}

/** Points a second of so many places together, and what keeps them from more. */
function rateOf(run: ClusterRun, places: number): { readonly rate: number; readonly bound: Bound } {
  const { points, parts, bytesPerPoint, concurrency, workerPointsPerSecond, requestsPerPart = REQUESTS_PER_PART } = run;
  const none = Number.POSITIVE_INFINITY;
  const rates: readonly (readonly [Bound, number])[] = [
    ['workers', (workerPointsPerSecond / concurrency) * places],
    ['provider', run.providerPointsPerSecond ?? none],
    ['bucket bytes', (run.bucketBytesPerSecond ?? none) / bytesPerPoint],
    ['bucket requests', ((run.bucketRequestsPerSecond ?? none) / requestsPerPart) * (points / parts)],
  ];
  const [bound, rate] = rates.reduce((least, one) => (one[1] < least[1] ? one : least));
  return { rate, bound };
}

/** How many turns follow each other until all parts are written: equal turns, dealt out in rounds over the slices. */
function turnsToEnd(slices: number, parts: number, places: number): number {
  const least = Math.floor(parts / slices);
  const longer = parts - least * slices;
  // While all slices have turns left, no place is idle; then the longer slices have one more each.
  const whole = least * slices + longer;
  const inRounds = Math.ceil(whole / places);
  return Math.max(inRounds, least + (longer > 0 ? 1 : 0));
}
