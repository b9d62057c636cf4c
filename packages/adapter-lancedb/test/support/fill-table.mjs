// Adds rows to the table `t` until the process may not write any more, and prints LanceDB's message.
import { createRequire } from 'node:module';

const [path, library] = process.argv.slice(2);
const lancedb = createRequire(import.meta.url)(library);
const table = await (await lancedb.connect(path)).openTable('t');
const rows = Array.from({ length: 4000 }, (_, row) => ({
  id: String(row),
  metadata: '{}',
  vector: Array.from({ length: 256 }, () => Math.random()),
}));
try {
  await table.add(rows);
  console.log('no limit was reached');
} catch (error) {
  console.log(error.message);
}
