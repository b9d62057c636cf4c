/** The forms a dataset's files can have: our own, and those of other tools. */
export const LAYOUTS = ['native', 'weaviate', 'qdrant', 'pinecone', 'vdf'] as const;

/** See {@link LAYOUTS}. */
export type Layout = (typeof LAYOUTS)[number];

/** A layout of another tool. */
export type OtherLayout = Exclude<Layout, 'native'>;
