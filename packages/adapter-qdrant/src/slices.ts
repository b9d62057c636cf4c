import { isVecportError, type Slice, type SlicePlan } from '@vecport/abstractions';
import type { ServerFilter } from './conditions.js';
import { comparePointIds, FIRST_ID, FIRST_UUID, type PointId, uuidFrom } from './point-id.js';
import type { PointCall, PointTransport } from './points.js';
import { type IdRange, tokenOf } from './position.js';

/** Identifiers that are drawn for each slice, so that slices are about equally large. */
const SAMPLES_PER_SLICE = 64;
const MOST_SAMPLES = 8192;

/**
 * Ranges of identifiers that together are all there can be. Boundaries lie between points drawn at random,
 * integers and uuids alike; a server that draws none (before 1.11, or in strict mode) gets one range of all
 * integers and ranges of uuids of equal width. They are in the tokens, so nothing is held open.
 */
export async function planSlices(
  transport: PointTransport,
  count: number,
  filter: ServerFilter | undefined,
  call: PointCall,
): Promise<SlicePlan> {
  const starts = count === 1 ? [FIRST_ID] : await sliceStarts(transport, count, filter, call);
  const slices = starts.map((from, at): Slice => {
    const range: IdRange = { from, to: starts[at + 1] };
    return { token: tokenOf(range) };
  });
  return { slices, consistency: 'scan' };
}

async function sliceStarts(
  transport: PointTransport,
  count: number,
  filter: ServerFilter | undefined,
  call: PointCall,
): Promise<readonly PointId[]> {
  const drawn = await drawIds(transport, Math.min(MOST_SAMPLES, count * SAMPLES_PER_SLICE), filter, call);
  return drawn === undefined ? evenStarts(count) : quantiles(drawn, count);
}

async function drawIds(
  transport: PointTransport,
  limit: number,
  filter: ServerFilter | undefined,
  call: PointCall,
): Promise<readonly PointId[] | undefined> {
  try {
    return await transport.sample(limit, filter, call);
  } catch (error) {
    if (
      isVecportError(error) &&
      (error.code === 'invalid-argument' || error.code === 'not-supported' || error.code === 'forbidden')
    ) {
      return undefined;
    }
    throw error;
  }
}

/** The first range begins before all points, the others at every n-th of the drawn ones. */
function quantiles(drawn: readonly PointId[], count: number): readonly PointId[] {
  const sorted = [...new Set(drawn)].sort(comparePointIds);
  const starts = Array.from({ length: count - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / count)]);
  const distinct = new Set(starts.filter((start) => start !== undefined && start !== FIRST_ID && start !== sorted[0]));
  return [FIRST_ID, ...(distinct as Set<PointId>)];
}

function evenStarts(count: number): readonly PointId[] {
  const widths = Array.from({ length: count - 1 }, (_, at) => uuidFrom((BigInt(at) * 2n ** 128n) / BigInt(count - 1)));
  return [FIRST_ID, FIRST_UUID, ...widths.slice(1)];
}
