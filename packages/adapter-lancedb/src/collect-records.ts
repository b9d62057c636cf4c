import type { RecordBatch } from 'apache-arrow';

/** All record batches of a query that have rows. */
export async function collectRecords(query: AsyncIterable<RecordBatch>): Promise<RecordBatch[]> {
  return (await Array.fromAsync(query)).filter(({ numRows }) => numRows > 0);
}
