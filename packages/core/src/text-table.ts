const GAP = 2;

/** Cells as lines of text. */
export interface TableLayout {
  /** Spaces before each line. */
  readonly indent: number;
  /** Columns of the terminal. The last cell of a row is wrapped into what is left, but never into less than 20. */
  readonly width: number;
}

/** Rows with aligned cells, the last one wrapped at spaces. Trailing empty cells take no room. */
export function formatRows(rows: readonly (readonly string[])[], { indent, width }: TableLayout): readonly string[] {
  const clean = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = columnWidths(clean);
  return clean.flatMap((row) => {
    const head = row
      .slice(0, -1)
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join(' '.repeat(GAP));
    const start = ' '.repeat(indent) + head + (row.length > 1 ? ' '.repeat(GAP) : '');
    const room = Math.max(20, width - start.length);
    return wrap(row.at(-1) ?? '', room).map((line, i) =>
      `${i === 0 ? start : ' '.repeat(start.length)}${line}`.trimEnd(),
    );
  });
}

/** Lines of at most `width` characters, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

// The last cell of a row is not padded, so it does not count.
function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, i) =>
    Math.max(0, ...rows.map((row) => (i < row.length - 1 ? (row[i]?.length ?? 0) : 0))),
  );
}

// Names come from servers and may hold what a terminal would obey.
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
