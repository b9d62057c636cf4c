import { posix } from 'node:path';
import type { Workspace } from './workspace.js';

const MAX_LINES = 350;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.tsx?$/;

/** Sources and tests whose names are not kebab-case. */
export function badFileNames(workspace: Workspace): string[] {
  return workspace.packages
    .flatMap((pkg) => [...pkg.sources, ...pkg.tests])
    .filter((file) => !KEBAB_CASE.test(posix.basename(file.path)))
    .map((file) => file.path);
}

/** Sources that are too long to be about one thing. */
export function longFiles(workspace: Workspace): string[] {
  return workspace.packages
    .flatMap((pkg) => pkg.sources)
    .filter((file) => file.lineCount > MAX_LINES)
    .map((file) => `${file.path} has ${file.lineCount} lines, at most ${MAX_LINES} are allowed`);
}

/** Every `any` in a source. */
export function anyTypes(workspace: Workspace): string[] {
  return workspace.packages
    .flatMap((pkg) => pkg.sources)
    .flatMap((file) => file.anyLines.map((line) => `${file.path}:${line}`));
}

/** Exported declarations of published packages that no doc comment explains. */
export function undocumentedExports(workspace: Workspace): string[] {
  return workspace.packages
    .filter(({ manifest }) => manifest.private !== true)
    .flatMap((pkg) => pkg.sources)
    .flatMap((file) => file.undocumentedLines.map((line) => `${file.path}:${line}`));
}
