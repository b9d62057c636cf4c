import { VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import { LAYOUTS } from '../layouts/layout.js';
import type { PartSchema } from '../part-codec.js';
import { corrupt } from './corrupt.js';
import { MAX_ROW_BYTES } from './format.js';
import { columnsOf, LAYOUT_KEY, LAYOUT_VERSION, layoutText } from './layout.js';

const layoutSchema = z.object({
  formatVersion: z.int().positive(),
  layout: z.enum(LAYOUTS).exclude(['native']).optional(),
  className: z.string().optional(),
  vectors: z.record(
    z.string(),
    z.object({
      name: z.string(),
      kind: z.enum(['dense', 'sparse', 'multi']),
      dimension: z
        .int()
        .min(0)
        .max(MAX_ROW_BYTES / 4)
        .optional(),
    }),
  ),
});

/**
 * The schema behind a {@link layoutText} and the names of the top-level columns.
 * @throws VecportError `corrupt-data`; `not-supported` for a layout that is newer than this code.
 */
export function schemaFromLayout(text: string, columnNames: readonly string[]): PartSchema {
  const { formatVersion, vectors, layout, className } = parseLayout(text);
  if (formatVersion > LAYOUT_VERSION) {
    throw new VecportError(
      'not-supported',
      `The part has the format version ${formatVersion}; this is ${LAYOUT_VERSION}.`,
      {
        advice: 'Update Vecport.',
      },
    );
  }
  const schema = {
    vectors: Object.fromEntries(
      Object.values(vectors).map(({ name, kind, dimension }) => [
        name,
        dimension === undefined ? { kind } : { kind, dimension },
      ]),
    ),
    createdAt: columnNames.includes('creation_time'),
    updatedAt: columnNames.includes('update_time'),
    ...(layout !== undefined && { layout }),
    ...(className !== undefined && { className }),
  };
  if (layoutText(columnsOf(schema), schema) !== text)
    throw corrupt(`the footer's entry '${LAYOUT_KEY}' is not in its one form.`);
  return schema;
}

function parseLayout(text: string): z.infer<typeof layoutSchema> {
  try {
    return layoutSchema.parse(JSON.parse(text));
  } catch (error) {
    throw corrupt(`the footer's entry '${LAYOUT_KEY}' cannot be read.`, error);
  }
}
