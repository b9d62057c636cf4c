import { connect } from '@lancedb/lancedb';
import type { Place } from '../clients/client.js';
import { folderOf } from '../clients/lancedb.js';
import { report } from '../report.js';

/** LanceDB has no bytes on a wire: every record batch is taken and dropped. */
export async function drainLancedb(place: Place): Promise<void> {
  const database = await connect(folderOf(place));
  const table = await database.openTable(place.collection);
  await report(async () => {
    let rows = 0;
    for await (const batch of table.query()) rows += batch.numRows;
    return { rows };
  });
  database.close();
}
