import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { folderKey } from './import-table.js';
import { parseSourceFile, type SourceFile } from './source-file.js';

/** The fields of a package.json that the rules read. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** The last segment of the folder: what the import table calls it. */
  readonly key: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** Folders that its tsconfig.json refers to. */
  readonly references: readonly string[];
  readonly sources: readonly SourceFile[];
  readonly tests: readonly SourceFile[];
}

export interface Workspace {
  readonly root: Manifest;
  /** Folders that the root tsconfig.build.json names. */
  readonly built: readonly string[];
  readonly packages: readonly WorkspacePackage[];
}

/** Reads every package below `packages/` and `samples/`; `root` is the absolute path of the repository. */
export function readWorkspace(root: string): Workspace {
  const folders = glob(root, '{packages,samples}/*/package.json').map((path) => posix.dirname(path));
  return {
    root: readJson<Manifest>(root, 'package.json'),
    built: readReferences(root, 'tsconfig.build.json'),
    packages: folders.map((folder) => ({
      key: folderKey(folder),
      folder,
      manifest: readJson<Manifest>(root, `${folder}/package.json`),
      references: readReferences(root, `${folder}/tsconfig.json`),
      sources: readSources(root, `${folder}/src`),
      tests: readSources(root, `${folder}/test`),
    })),
  };
}

function readSources(root: string, folder: string): SourceFile[] {
  return glob(root, `${folder}/**/*.{ts,tsx}`).map((path) =>
    parseSourceFile(path, readFileSync(join(root, path), 'utf8')),
  );
}

function readReferences(root: string, path: string): string[] {
  if (!existsSync(join(root, path))) return [];
  const { references = [] } = readJson<{ references?: { path: string }[] }>(root, path);
  return references.map((reference) => posix.join(posix.dirname(path), reference.path));
}

function readJson<T>(root: string, path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}

function glob(root: string, pattern: string): string[] {
  return globSync(pattern, { cwd: root })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !path.includes('/node_modules/'))
    .toSorted();
}
