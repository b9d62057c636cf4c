import { folderName } from '@vecport/dataset';
import type { CommandContext } from './command-context.js';
import { usageError } from './usage-error.js';

/** Where datasets are when no variable names a bucket. */
const LOCAL_FOLDER = 'exports/';

/** Variables that name a bucket, and what its URL begins with. */
const BUCKETS: Readonly<Record<string, string>> = { R2_BUCKET: 'r2://', SUPABASE_BUCKET: 'supabase://' };

/**
 * The bucket that the environment names, as a URL that ends in `/`.
 * @throws VecportError `invalid-argument` when it names two.
 */
export async function bucketOf({ environment }: Pick<CommandContext, 'environment'>): Promise<string | undefined> {
  const { variables, nameOf } = await environment();
  const named = Object.keys(BUCKETS).filter((name) => (variables[name] ?? '') !== '');
  const [name, other] = named;
  if (name === undefined) return undefined;
  if (other === undefined) return `${BUCKETS[name]}${encodeURIComponent(variables[name] ?? '')}/`;
  throw usageError(
    `Two buckets are configured: ${nameOf(name)} and ${nameOf(other)}.`,
    'Say which with a URL, r2://bucket/ or supabase://bucket/.',
  );
}

/**
 * Where an export of collections goes when nobody says: the folder of that name in the bucket of the environment, or
 * `exports/` in the working directory.
 */
export async function defaultTarget(
  collections: readonly string[],
  context: Pick<CommandContext, 'environment'>,
): Promise<string> {
  const bucket = await bucketOf(context);
  return bucket === undefined ? LOCAL_FOLDER : `${bucket}${folderName(collections.join('-'))}/`;
}
