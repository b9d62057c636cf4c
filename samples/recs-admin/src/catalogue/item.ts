/** One item of the catalogue: an emoji. */
export interface Item {
  /** The code points in hexadecimal, joined by `-`; also the id of its vector. */
  readonly id: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags: readonly string[];
  readonly group: string;
  /** Place in the Unicode order. */
  readonly order: number;
}

/**
 * The text an item's embedding is made of: label and tags, to the letter as the model saw it. The
 * embedding cache finds a vector by the hash of this text, so any change here makes all entries miss.
 */
export function embeddingText({ label, tags }: Pick<Item, 'label' | 'tags'>): string {
  return `${label}: ${tags.join(', ')}`;
}
