import {
  type IVectorSearchRepository,
  idKindOf,
  isVecportError,
  metadataText,
  requireCapability,
  selectRows,
  type VectorBatch,
  type VectorRecord,
} from '@vecport/abstractions';
import { canonicalMetadata, fingerprint, recordFingerprints } from '../conformance/fingerprint.js';
import { goldenPoints } from './golden-points.js';
import { HOSTILE_VECTORS } from './hostile-vectors.js';

/**
 * What became of a golden record: `kept`; `mapped: …` when it is stored in another form and given back as
 * it was written; `refused: <code>`; `changed: …` when something else came back, with what.
 */
export type GoldenOutcome = string;

/** A golden record as it is written. */
export interface NamedRecord extends VectorRecord {
  readonly name: string;
}

/** The golden corpus and the hostile vectors. */
export function goldenRecords(): readonly NamedRecord[] {
  return [
    ...goldenPoints(),
    ...HOSTILE_VECTORS.map(({ name, values }, n) => ({
      name: `hostile vector: ${name}`,
      id: `hostile-${n}`,
      embedding: Float32Array.from(values),
      metadataText: '{"golden":"hostile"}',
    })),
  ];
}

/** Write every golden record by itself, read it back in every way there is, and tell what became of each. */
export async function goldenOutcomes(
  repository: IVectorSearchRepository,
): Promise<Readonly<Record<string, GoldenOutcome>>> {
  const records = goldenRecords();
  const refused = new Map<string, string>();
  for (const record of records) {
    const code = await refusalOf(repository, record);
    if (code !== undefined) refused.set(record.name, `refused: ${code}`);
  }
  const exported = await exportedRows(repository);
  const outcomes: Record<string, GoldenOutcome> = {};
  for (const record of records) {
    outcomes[record.name] = refused.get(record.name) ?? (await outcomeOf(repository, record, exported));
    exported?.delete(record.id);
  }
  for (const id of exported?.keys() ?? []) outcomes[`not written: ${id}`] = 'changed: it is in the collection';
  return outcomes;
}

async function refusalOf(repository: IVectorSearchRepository, record: NamedRecord): Promise<string | undefined> {
  try {
    const { accepted, failed } = await repository.upsertMany([record]);
    return failed[0]?.code ?? (accepted === 1 ? undefined : 'neither accepted nor refused');
  } catch (error) {
    if (!isVecportError(error)) throw error;
    return `${error.code}, thrown`;
  }
}

async function outcomeOf(
  repository: IVectorSearchRepository,
  record: NamedRecord,
  exported: ReadonlyMap<string, VectorBatch> | undefined,
): Promise<GoldenOutcome> {
  const got = differenceOf(record, await repository.get([record.id]));
  if (got !== undefined) return `changed: ${got}`;
  if (exported !== undefined) {
    const row = exported.get(record.id);
    const difference = row === undefined ? 'not exported' : differenceOf(record, row);
    if (difference !== undefined) return `changed in the export: ${difference}`;
  }
  const { idKinds, mappedIdKinds = [] } = repository.traits;
  const kind = idKindOf(record.id, idKinds);
  return kind !== undefined && mappedIdKinds.includes(kind) && record.name.startsWith('id: ')
    ? 'mapped: stored under a uuid'
    : 'kept';
}

/** What of a record is not as it was written, or `undefined`. The batch has its row and no other. */
function differenceOf(record: VectorRecord, batch: VectorBatch): string | undefined {
  if (batch.ids.length !== 1) return `${batch.ids.length} points were found`;
  if (batch.ids[0] !== record.id) return `the id is ${JSON.stringify(batch.ids[0])}`;
  const text = metadataText(batch.metadata, 0);
  if (canonicalMetadata(text) !== canonicalMetadata(record.metadataText)) return `the metadata is ${shown(text)}`;
  const [expected] = recordFingerprints([record]);
  const actual = fingerprint(batch, 0);
  return actual === expected ? undefined : `the point is ${shown(actual)}`;
}

async function exportedRows(repository: IVectorSearchRepository): Promise<Map<string, VectorBatch> | undefined> {
  if (repository.exportAll === undefined) return undefined;
  const rows = new Map<string, VectorBatch>();
  for await (const batch of requireCapability(repository, 'exportAll').exportAll()) {
    batch.ids.forEach((id, row) => {
      rows.set(id, selectRows(batch, [row]));
    });
  }
  return rows;
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'missing';
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
