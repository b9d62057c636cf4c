import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lancedb } from '@vecport/adapter-lancedb';
import { createHost } from '@vecport/core';
import { generatedAdapter } from '@vecport/testkit';
import { type Alternative, taskAlternative } from './measure.js';
import { VECPORT_SETTINGS } from './providers/export-with-vecport.js';

const DIMENSION = 384;

/** LanceDB to Parquet beside reading LanceDB alone, for a number of rows. Fills the table at the first call. */
export async function exportLancedb(rows: number): Promise<readonly Alternative[]> {
  const argument = `${await filledStore(rows)}#points`;
  return [
    taskAlternative('read LanceDB alone', 'read-lancedb', argument),
    taskAlternative('read through the repository', 'read-repository', argument),
    taskAlternative('export to Parquet', 'export', argument, VECPORT_SETTINGS),
  ];
}

/** A LanceDB folder with a table `points`, kept between runs. It appears only when it is full. */
export async function filledStore(rows: number): Promise<string> {
  const folder = join(tmpdir(), 'vecport-benchmarks', `lancedb-${rows}x${DIMENSION}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  process.stderr.write(`filling ${folder}\n`);
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [lancedb({ path: partial })] });
  try {
    const generated = await generatedAdapter().open({ shape: `${rows}x${DIMENSION}`, collection: 'points' }, {});
    const source = await generated.collection('points', {});
    const store = await host.catalog.open('lancedb');
    await store.create({ ...(await source.describe({})), native: undefined });
    const target = await store.repository('points');
    for await (const batch of source.exportAll?.({ batchSize: 20_000 }) ?? []) await target.upsertMany(batch);
  } finally {
    await host.close();
  }
  await rename(partial, folder);
  return folder;
}
