import type { z } from 'zod';
import type { ProblemCode } from '../contract/problem-schema.js';

/** A method of HTTP that is used here. */
type Method = 'get' | 'post' | 'delete';

/** One thing that can be requested: what it takes and what it answers. The OpenAPI document is made from these. */
export interface Endpoint {
  readonly operationId: string;
  readonly method: Method;
  /** With parameters in braces, e.g. `/v1/export/{backend}`. */
  readonly path: string;
  readonly tag: 'Exports' | 'Imports' | 'Schedules' | 'Operations';
  readonly summary: string;
  readonly params?: z.ZodObject | undefined;
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodType | undefined;
  /** The body may be left out. */
  readonly bodyOptional?: boolean | undefined;
  readonly status: 200 | 201 | 204;
  /** JSON, unless `contentType` says otherwise; absent for 204. */
  readonly answer?: z.ZodType | undefined;
  readonly contentType?: string | undefined;
  /** What can be wrong, besides what can be with every request. */
  readonly problems: readonly ProblemCode[];
  /** Operations on what is answered: they take its `id`, and its `backend` where they have one. */
  readonly links?: readonly string[] | undefined;
  /** Anybody may request it. */
  readonly open?: boolean | undefined;
}

/** The value a schema gives; `undefined` where there is none. */
export type Parsed<S> = S extends z.ZodType ? z.infer<S> : undefined;
