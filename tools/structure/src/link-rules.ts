import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PAGES = ['*.md', 'docs/**/*.md', '{packages,samples}/*/{,data/}*.md'];
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;

/** Relative links of all pages that lead nowhere. `root` is the absolute path of the repository. */
export function deadLinks(root: string): string[] {
  const pages = globSync(PAGES, { cwd: root, exclude: ['**/node_modules/**'] });
  return pages.flatMap((page) =>
    linksOf(readFileSync(join(root, page), 'utf8'))
      .filter((link) => !existsSync(join(root, dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
}

/** Targets of relative Markdown links, without what follows a `#`. */
export function linksOf(text: string): string[] {
  return Array.from(text.matchAll(LINK), ([, link = '']) => link);
}
