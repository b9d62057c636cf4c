import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alternative, taskAlternative } from './measure.js';
import { VECPORT_SETTINGS } from './providers/export-with-vecport.js';

const SIZES = [100_000, 500_000, 1_000_000, 2_000_000] as const;
const LARGE_SIZES = [100_000, 1_000_000, 10_000_000] as const;
const FOLDER = join(tmpdir(), 'vecport-benchmarks', 'memory');

/** An export, the import of what it wrote, and a migration without files: of more and more points, and by more workers. */
export function memoryCurve(): readonly Alternative[] {
  const [largest] = SIZES.slice(-1);
  return [...SIZES.flatMap((points) => alternatives(points, 2)), ...alternatives(largest ?? 0, 8)];
}

/** Exports of points of 128 dimensions, up to ten millions. */
export function largeExports(): readonly Alternative[] {
  return LARGE_SIZES.map((points) =>
    taskAlternative(
      `export ${points.toLocaleString('en')} x 128`,
      'memory-export',
      `${points}#${join(FOLDER, 'large')}#2#128`,
      VECPORT_SETTINGS,
    ),
  );
}

function alternatives(points: number, parallel: number): readonly Alternative[] {
  const argument = `${points}#${join(FOLDER, String(points))}#${parallel}`;
  const what = `${points.toLocaleString('en')} by ${parallel}`;
  return [
    taskAlternative(`export ${what}`, 'memory-export', argument, VECPORT_SETTINGS),
    taskAlternative(`import ${what}`, 'memory-import', argument, VECPORT_SETTINGS),
    taskAlternative(`migration ${what}`, 'memory-migrate', argument, VECPORT_SETTINGS),
  ];
}

/** Remove what the exports wrote. */
export async function removeMemoryDatasets(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
}
