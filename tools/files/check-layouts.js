import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LAYOUTS } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { exportDataset } from '@vecport/transfer';

/**
 * Exports a collection in the layout of each other tool, three parts joined into one file, and has DuckDB, pyarrow and
 * Polars read it: the columns and types of docs/layouts.md, and what the source gives.
 * @param {{ repository: object, expected: string, count: number, work: string, python: string }} what
 * @returns {Promise<boolean>} whether everything was as it should be.
 */
export async function checkLayouts({ repository, expected, count, work, python }) {
  let ok = true;
  for (const layout of LAYOUTS.filter((name) => name !== 'native')) {
    const folder = join(work, `${repository.collection}-${layout}`);
    await exportDataset({
      id: layout,
      tool: { name: 'check-files', version: '0' },
      source: { provider: repository.provider },
      repositories: [repository],
      storage: localStorage(folder),
      partRows: Math.ceil(count / 3),
      layout,
    });
    console.log(`# ${repository.collection}, layout ${layout}`);
    const script = join(import.meta.dirname, 'compare-layouts.py');
    ok = spawnSync(python, [script, folder, expected, layout], { stdio: 'inherit' }).status === 0 && ok;
  }
  return ok;
}
