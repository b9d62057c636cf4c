import { loadTransform, type ParityOptions, type QuarantineFile, reEmbedding, type Transform } from '@vecport/transfer';
import type { CommandContext } from './command-context.js';
import { openDatasetStorage } from './dataset-place.js';
import type { ParityFlags, ReEmbedFlags, TransformFlags } from './shared-options.js';
import { usageError } from './usage-error.js';

/** What a command line says about re-embedding, as a transform. The service is asked for its dimension. */
async function reEmbeddingOf(
  { reEmbed: model, textField, embedVector: vector }: ReEmbedFlags,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): Promise<Transform | undefined> {
  if (model === undefined) {
    if (textField === undefined && vector === undefined) return undefined;
    throw usageError('--text-field and --embed-vector belong to --re-embed.', 'Name the model with --re-embed.');
  }
  if (textField === undefined) throw usageError('--re-embed needs a text.', 'Name its field with --text-field.');
  const { EMBEDDING_URL: url = '', EMBEDDING_API_KEY: apiKey } = (await environment()).variables;
  if (!/^https?:\/\//.test(url)) {
    throw usageError(
      'EMBEDDING_URL is not set to the address of an embedding service.',
      'Set it to what comes before /embeddings, e.g. https://api.openai.com/v1.',
    );
  }
  return reEmbedding({ service: { url, apiKey, model }, textField, vector, signal });
}

/** What every point goes through, as a command line says: a module, or another model. */
export async function transformOf(
  { transform: path, onError, ...flags }: TransformFlags,
  context: Pick<CommandContext, 'environment' | 'signal'>,
): Promise<Transform | undefined> {
  if (path === undefined) {
    if (onError !== undefined)
      throw usageError('--on-error belongs to --transform.', 'Name the module with --transform.');
    return reEmbeddingOf(flags, context);
  }
  if (flags.reEmbed !== undefined) {
    throw usageError('--transform and --re-embed exclude each other.', 'Do one after the other.');
  }
  return { ...(await loadTransform(path)), onError };
}

/** What a command line says about comparing searches. */
export function parityOf({
  searchParity: queries,
  minRecall,
  neighbours: k,
  seed,
}: ParityFlags): ParityOptions | undefined {
  if (queries !== undefined) return { queries, minRecall, k, seed };
  if (minRecall === undefined && k === undefined && seed === undefined) return undefined;
  throw usageError(
    '--min-recall, --neighbours and --seed belong to --search-parity.',
    'Say how many points are searched for with --search-parity.',
  );
}

/** The file a path or URL names. */
export async function quarantineFileOf(
  path: string | undefined,
  context: Pick<CommandContext, 'environment'>,
): Promise<QuarantineFile | undefined> {
  if (path === undefined) return undefined;
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const name = path.slice(at + 1);
  if (name === '') throw usageError('--quarantine names a folder.', 'Name a file, e.g. refused.ndjson.');
  return { storage: await openDatasetStorage(at < 0 ? '.' : path.slice(0, at + 1), context), path: name };
}
