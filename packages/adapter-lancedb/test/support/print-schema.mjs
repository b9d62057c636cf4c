// Prints what a table's schema says about how Vecport made it.
import lancedb from '@lancedb/lancedb';

const [path, name] = process.argv.slice(2);
const table = await (await lancedb.connect(path)).openTable(name);
console.log((await table.schema()).metadata.get('vecport'));
