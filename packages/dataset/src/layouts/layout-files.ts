import { folderName } from '../paths.js';
import type { OtherLayout } from './layout.js';

/** Which file of a dataset in another tool's layout. */
export interface LayoutPlace {
  readonly layout: OtherLayout;
  /** The collection, and the name of its folder. */
  readonly collection: string;
  readonly folder: string;
  /** The tenant, and the name of its folder; absent where the collection has none. */
  readonly tenant?: string | undefined;
  readonly tenantFolder?: string | undefined;
  /** Its number among the files of the collection or tenant. */
  readonly index: number;
}

/** The namespace that Pinecone calls by no name. */
export const DEFAULT_NAMESPACE = '__default__';

/** Names at the top of a dataset that are taken. */
const RESERVED = /^(?:collections|state)$/i;
/** Pinecone takes files of up to 10 GB; half of it leaves room for what that is measured by. */
const PINECONE_FILE_BYTES = 5e9;

/** Where a file of this layout goes, relative to the dataset. */
export function layoutPath(place: LayoutPlace): string {
  const { layout, tenant, tenantFolder, index } = place;
  const top = RESERVED.test(place.folder) ? encodeFirst(place.folder) : place.folder;
  const own = tenant === undefined ? undefined : (tenantFolder ?? folderName(tenant));
  switch (layout) {
    case 'weaviate':
      return own === undefined ? `${top}.parquet` : `${top}_${own}_0000.parquet`;
    case 'qdrant':
      return own === undefined ? `${top}.parquet` : `${top}/${own}.parquet`;
    case 'pinecone':
      return `${top}/${own ?? DEFAULT_NAMESPACE}/${index}.parquet`;
    case 'vdf':
      return `${top}/${own ?? '_'}/${index + 1}.parquet`;
  }
}

/** Bytes that a file may have; parts beyond it go into the next. */
export function layoutFileBytes(layout: OtherLayout): number {
  return layout === 'pinecone' ? PINECONE_FILE_BYTES : Number.POSITIVE_INFINITY;
}

/** What the key-value metadata of a file says, in the words of Weaviate's own export. */
export function layoutKeyValues({ layout, collection, tenant }: LayoutPlace): Readonly<Record<string, string>> {
  if (layout !== 'weaviate') return {};
  return { collection, ...(tenant !== undefined && { tenant }) };
}

function encodeFirst(name: string): string {
  return `%${name.charCodeAt(0).toString(16).toUpperCase()}${name.slice(1)}`;
}
