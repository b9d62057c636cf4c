import { VecportError } from '@vecport/abstractions';
import type { OpenCollection } from './collection.js';
import { PROVIDER } from './config.js';
import { allOf, hasId } from './expression.js';
import { idPages, type ReadScope, scopeExpression } from './id-pages.js';
import { countRows, readTimestamp } from './query.js';

/** How many points a read expected and gave. */
export interface ReadOutcome {
  /** Rows the server counted when the read began. */
  readonly counted: number;
  readonly exported: number;
}

/**
 * Find out why a read gave fewer points than were counted. Points that were deleted meanwhile, and keys that were
 * inserted twice (which Milvus counts twice and gives out once) are no reason to worry.
 * @throws VecportError `incomplete` when the server holds points that it did not give out.
 */
export async function proveComplete(open: OpenCollection, scope: ReadScope, outcome: ReadOutcome): Promise<void> {
  if (outcome.exported >= outcome.counted) return;
  const now = { ...scope, timestamp: await readTimestamp(open.client, { signal: scope.signal }) };
  const counted = await count(open, now, scopeExpression(open, now));
  if (counted <= outcome.exported) return;
  if (open.divided && open.partition === undefined) throw sharedKeys(open, counted, outcome.exported);
  const distinct = await countKeys(open, now);
  if (distinct > outcome.exported)
    throw missing(open, distinct, outcome.exported, 'It gives them when it is asked again.');
}

/** Count keys page by page, and compare each page with what the server counts in its range. */
async function countKeys(open: OpenCollection, scope: ReadScope): Promise<number> {
  let [keys, after] = [0, scope.range.after];
  for await (const ids of idPages(open, scope)) {
    const last = ids.at(-1);
    const inRange = await count(open, scope, scopeExpression(open, { ...scope, range: { after, upTo: last } }));
    if (inRange > ids.length) await assertTwice(open, scope, ids, inRange);
    keys += ids.length;
    after = last;
  }
  const beyond = await count(open, scope, scopeExpression(open, scope, after));
  if (beyond > 0)
    throw missing(open, keys + beyond, keys, `It counts ${beyond} after '${after ?? ''}' and does not give them out.`);
  return keys;
}

/** Every row of the range belongs to one of these keys. */
async function assertTwice(
  open: OpenCollection,
  scope: ReadScope,
  ids: readonly string[],
  inRange: number,
): Promise<void> {
  let rows = 0;
  for (let start = 0; start < ids.length; start += 1000) {
    const known = hasId(open.layout, ids.slice(start, start + 1000), open.client.server);
    rows += await count(open, scope, allOf(known, scope.filter));
  }
  if (rows < inRange) throw missing(open, inRange, rows, `They lie between '${ids[0]}' and '${ids.at(-1)}'.`);
}

async function count(open: OpenCollection, { timestamp, signal }: ReadScope, expression: string): Promise<number> {
  const { client, layout, partition } = open;
  return countRows(client, { collection: layout.collection, partition }, expression, { timestamp, signal });
}

function missing({ layout }: OpenCollection, counted: number, given: number, what: string): VecportError {
  return new VecportError(
    'incomplete',
    `Milvus holds ${counted} points of '${layout.collection}' and gave ${given}. ${what}`,
    {
      provider: PROVIDER,
      advice:
        layout.key.type === 'int64'
          ? 'A point with the key 9223372036854775807 is never given out; for others, read again.'
          : 'Read it again.',
    },
  );
}

function sharedKeys({ layout }: OpenCollection, counted: number, given: number): VecportError {
  return new VecportError(
    'incomplete',
    `'${layout.collection}' has ${counted} points and gave ${given}: its partitions share keys.`,
    { provider: PROVIDER, advice: 'Read it tenant by tenant; its tenants are the partitions.' },
  );
}
