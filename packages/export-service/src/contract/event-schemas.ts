import { z } from 'zod';
import { exportStatusSchema, importStatusSchema } from './export-schemas.js';

/**
 * The events of `GET …/{id}/events`. `status`: the whole state, at the start, when the status changes and when events
 * were left out for a slow reader. `progress`: the whole state again, at most a few times a second. `end`: the final
 * state; the stream is over.
 */
export const EVENT_TYPES = ['status', 'progress', 'end'] as const;

/** The data of an event. */
export const jobEventSchema = z.union([exportStatusSchema, importStatusSchema]).meta({ id: 'JobEvent' });
