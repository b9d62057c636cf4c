import { type FieldSpec, type IdKind, isVecportError, type Metric, parseJson } from '@vecport/abstractions';

/** What Vecport writes into the comment of a table it makes, since PostgreSQL has no other place for it. */
export interface TableNote {
  readonly idKinds: readonly IdKind[];
  /** By name of the vector. */
  readonly vectors: Readonly<Record<string, { readonly column: string; readonly metric?: Metric | undefined }>>;
  readonly fields?: readonly FieldSpec[] | undefined;
  readonly embeddingModel?: string | undefined;
}

const MARK = 'vecport:1 ';

/** The comment that says it. */
export function printTableNote(note: TableNote): string {
  return `${MARK}${JSON.stringify(note)}`;
}

/** What a comment says, or `undefined` for one that is not of ours. */
export function readTableNote(comment: string | null): TableNote | undefined {
  if (comment?.startsWith(MARK) !== true) return undefined;
  try {
    const note = parseJson(comment.slice(MARK.length)) as unknown as Partial<TableNote>;
    const isNote = Array.isArray(note.idKinds) && typeof note.vectors === 'object' && note.vectors !== null;
    return isNote ? (note as TableNote) : undefined;
  } catch (error) {
    if (isVecportError(error)) return undefined;
    throw error;
  }
}
