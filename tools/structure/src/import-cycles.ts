import { posix } from 'node:path';
import type { SourceFile } from './source-file.js';

/** Cycles of relative imports that are there at run time (type imports are erased); each is written once as `a.ts -> b.ts -> a.ts`. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, importedPaths(file)]));
  const cycles: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push([...trail.slice(start), path].join(' -> '));
    if (start !== -1 || finished.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

function importedPaths(file: SourceFile): string[] {
  return file.imports
    .filter((site) => !site.typeOnly && site.specifier.startsWith('.'))
    .flatMap((site) => {
      const target = posix.join(posix.dirname(file.path), site.specifier);
      return [target.replace(/\.js$/, '.ts'), target.replace(/\.jsx?$/, '.tsx')];
    });
}
