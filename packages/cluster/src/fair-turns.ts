/** The highest priority BullMQ knows; the lowest number is taken first. */
const LAST = 2_097_152;

/** Which turn of which slice. */
export interface TurnPlace {
  /** Where the run began, see {@link firstTurn}. */
  readonly base: number;
  /** Slices of the run. */
  readonly slices: number;
  /** The slice's number among them. */
  readonly at: number;
  /** Turns it had. */
  readonly turns: number;
}

/**
 * The place of a slice's next turn in the order of all turns, as a priority. The turns of a run are numbered one after
 * the other, a round over its slices at a time, so that runs which wait side by side get equally many turns, however many
 * slices each has.
 */
export function turnPriority({ base, slices, at, turns }: TurnPlace): number {
  return Math.min(LAST, base + turns * Math.max(1, slices) + at + 1);
}

/**
 * Where a new run begins: beside the turn that is due next, so that it neither waits for what others have left to do,
 * nor makes up for the turns they had. `waiting` are the priorities of all that wait or are worked on.
 */
export function firstTurn(waiting: readonly number[]): number {
  const due = waiting.filter((priority) => priority > 0);
  return due.length === 0 ? 0 : Math.min(LAST, ...due) - 1;
}
