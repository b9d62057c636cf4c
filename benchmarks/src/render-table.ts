import { type Measured, median, type PageSample, type Sample } from './measure.js';

interface Column {
  readonly head: string;
  cell(row: Measured, first: Measured): string;
  /** Whether a table has it; all have if not said. */
  fits?(rows: readonly Measured[]): boolean;
}

const COLUMNS: readonly Column[] = [
  { head: 'points/s', cell: ({ rows, wallMs }) => Math.round((rows / wallMs) * 1000).toLocaleString('en') },
  { head: 'points/cpu-s', cell: ({ rows, cpuMs }) => Math.round((rows / cpuMs) * 1000).toLocaleString('en') },
  { head: 'wall s', cell: ({ wallMs }) => (wallMs / 1000).toFixed(2) },
  { head: 'cpu s', cell: ({ cpuMs }) => (cpuMs / 1000).toFixed(2) },
  {
    head: 'server cpu s',
    cell: ({ serverCpuMs }) => (serverCpuMs === undefined ? '' : (serverCpuMs / 1000).toFixed(2)),
    fits: hasServer,
  },
  { head: 'peak MB', cell: ({ peakRssMb }) => peakRssMb.toFixed(0) },
  { head: 'MB written', cell: ({ bytes }) => (bytes === undefined ? '' : (bytes / 1e6).toFixed(0)) },
  { head: 'wall ratio', cell: (row, first) => pairedRatio(row, first, ({ wallMs, rows }) => wallMs / rows) },
  { head: 'cpu ratio', cell: (row, first) => pairedRatio(row, first, ({ cpuMs, rows }) => cpuMs / rows) },
  {
    head: 'with server',
    cell: (row, first) =>
      pairedRatio(row, first, ({ cpuMs, serverCpuMs = Number.NaN, rows }) => (cpuMs + serverCpuMs) / rows),
    fits: hasServer,
  },
];

const PAGE_COLUMNS: readonly Column[] = [
  pageColumn('first paint ms', ({ firstPaintMs }) => firstPaintMs.toFixed(0)),
  pageColumn('first content ms', ({ firstContentfulPaintMs }) => firstContentfulPaintMs.toFixed(0)),
  pageColumn('largest content ms', ({ largestContentfulPaintMs }) => largestContentfulPaintMs.toFixed(0)),
  pageColumn('whole ms', ({ wholeMs }) => wholeMs.toFixed(0)),
  pageColumn('kB of scripts', ({ scriptBytes }) => (scriptBytes / 1000).toFixed(1)),
  pageColumn('kB in all', ({ allBytes }) => (allBytes / 1000).toFixed(1)),
];

function pageColumn(head: string, cell: (page: PageSample) => string): Column {
  return { head, cell: ({ page }) => (page === undefined ? '' : cell(page)) };
}

/** Alternatives as aligned text; ratios are those to the first, of the time a point takes. Of pages, what a browser noted. */
export function renderTable(measured: readonly Measured[]): string {
  const [first] = measured;
  if (first === undefined) return '';
  const columns = first.page === undefined ? COLUMNS.filter(({ fits }) => fits?.(measured) ?? true) : PAGE_COLUMNS;
  const lines = [
    ['', ...columns.map(({ head }) => head)],
    ...measured.map((row) => [row.name, ...columns.map(({ cell }) => cell(row, first))]),
  ];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column + 1]?.length ?? 0)));
  const nameWidth = Math.max(...lines.map(([name = '']) => name.length));
  return lines
    .map(([name = '', ...cells]) =>
      [name.padEnd(nameWidth), ...cells.map((cell, column) => cell.padStart(widths[column] ?? 0))].join('  ').trimEnd(),
    )
    .join('\n');
}

/** The median over rounds of the ratio within a round: what else the machine did then slowed both. */
export function pairedRatio(row: Measured, first: Measured, value: (sample: Sample) => number): string {
  const ratios = row.samples.flatMap((sample, round) => {
    const other = first.samples[round];
    return other === undefined ? [] : [value(sample) / value(other)];
  });
  return median(ratios).toFixed(2);
}

function hasServer(rows: readonly Measured[]): boolean {
  return rows.some(({ serverCpuMs }) => serverCpuMs !== undefined);
}
