import {
  hasVector,
  type IdKind,
  isIdOfKind,
  isVecportError,
  VecportError,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { createDigest } from '../../digest.js';
import { createIdSet, type IdSet } from '../../id-set.js';
import type { ContentDigest } from '../../manifest.js';
import { compareIds } from '../../parquet/compare-ids.js';
import type { PartVector } from '../../part-codec.js';

/** What reading a file to its end showed. */
interface ScannedFile {
  readonly digest: ContentDigest;
  readonly minId?: string | undefined;
  readonly maxId?: string | undefined;
}

/** What reading files of a collection showed. */
export interface CollectionScan {
  /** Take in the batches of a file of a tenant. @throws VecportError `corrupt-data`, naming the file, for what does not fit. */
  file(path: string, tenant: string | undefined, batches: AsyncIterable<VectorBatch>): Promise<ScannedFile>;
  /** By name; only those that some point has. */
  vectors(): Readonly<Record<string, PartVector>>;
  /** The narrowest kinds that all ids are of. */
  idKinds(): readonly IdKind[];
}

/** A {@link CollectionScan} that keeps some 16 bytes of each id. */
export function createCollectionScan(collection: string): CollectionScan {
  const known = new Map<string, PartVector>();
  const seen = new Map<string | undefined, IdSet>();
  const kinds = new Map<IdKind | 'mixed', boolean>([...NARROW, 'mixed' as const].map((kind) => [kind, true]));
  let any = false;
  const addIds = (ids: readonly string[], tenant: string | undefined): void => {
    const set = seen.get(tenant) ?? createIdSet();
    seen.set(tenant, set);
    for (const id of ids) {
      any = true;
      if (!set.add(id)) throw broken(`'${collection}' has the id '${id}' more than once.`);
      const [u64, uuid] = [isIdOfKind(id, 'u64'), isIdOfKind(id, 'uuid')];
      if (!u64) kinds.set('u64', false);
      if (!uuid) kinds.set('uuid', false);
      if (!(u64 || uuid)) kinds.set('mixed', false);
      if (kinds.get('i64') === true && !isIdOfKind(id, 'i64')) kinds.set('i64', false);
    }
  };
  const addVectors = ({ vectors, ids }: VectorBatch): void => {
    for (const [name, column] of Object.entries(vectors)) {
      if (!ids.some((_, row) => hasVector(column, row))) continue;
      const found = specOf(column);
      const before = known.get(name);
      if (before !== undefined && (before.kind !== found.kind || before.dimension !== found.dimension))
        throw broken(
          `'${collection}' has vectors '${name}' that are ${inWords(before)}, and others that are ${inWords(found)}.`,
        );
      known.set(name, found);
    }
  };
  return {
    file: async (path, tenant, batches) => {
      const digest = createDigest();
      let minId: string | undefined;
      let maxId: string | undefined;
      try {
        for await (const batch of batches) {
          addIds(batch.ids, tenant);
          addVectors(batch);
          digest.add(batch);
          for (const id of batch.ids) {
            if (minId === undefined || compareIds(id, minId) < 0) minId = id;
            if (maxId === undefined || compareIds(id, maxId) > 0) maxId = id;
          }
        }
      } catch (error) {
        if (!isVecportError(error)) throw error;
        throw new VecportError(error.code, `${path}: ${error.reason}`, { advice: error.advice, cause: error });
      }
      return { digest: digest.value(), minId, maxId };
    },
    vectors: () => Object.fromEntries(known),
    idKinds: () => {
      const narrow = NARROW.find((kind) => any && kinds.get(kind) === true);
      if (narrow !== undefined) return [narrow];
      return any && kinds.get('mixed') === true ? ['u64', 'uuid'] : ['string'];
    },
  };
}

const NARROW: readonly IdKind[] = ['uuid', 'u64', 'i64'];

function specOf(column: VectorColumn): PartVector {
  return column.kind === 'sparse' ? { kind: 'sparse' } : { kind: column.kind, dimension: column.dimension };
}

function inWords({ kind, dimension }: PartVector): string {
  return dimension === undefined ? kind : `${kind} with ${dimension} dimensions`;
}

function broken(reason: string): VecportError {
  return new VecportError('corrupt-data', reason, {
    advice: 'Nothing was written. Write the files again from where they came.',
  });
}
