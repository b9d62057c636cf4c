/** Text that is compressed at once: it ends with the row that brings it there, so that batches play no part. */
export const BLOCK_BYTES: number = 1 << 20;

/** Bytes a line may have, its line feed with it. */
export const MAX_LINE_BYTES: number = 1 << 29;

/** Bytes of lines that a reader turns into one batch, about. */
export const BATCH_BYTES: number = 8 << 20;

/** The key of metadata as JSON within the line. */
export const METADATA_KEY = 'metadata';

/** The key of metadata that a line cannot hold as it is spelled, as text within text. */
export const METADATA_TEXT_KEY = 'metadata_text';

/** Text of the bits that a NaN has in most programs; any other NaN has its bits, in hexadecimal, after a colon. */
export const NAN_TEXT = 'NaN';
/** The bits behind {@link NAN_TEXT}. */
export const NAN_BITS = 0x7fc00000;
