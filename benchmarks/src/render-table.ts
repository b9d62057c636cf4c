import type { Measured } from './measure.js';

const HEAD = ['', 'points/s', 'points/cpu-s', 'wall s', 'cpu s', 'peak MB', 'MB written', 'wall ratio', 'cpu ratio'];

/** Alternatives as aligned text; the ratios are to the first. */
export function renderTable(measured: readonly Measured[]): string {
  const lines = [HEAD, ...measured.map((row) => cells(row, measured[0] ?? row))];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

function cells(row: Measured, first: Measured): string[] {
  return [
    row.name,
    Math.round((row.rows / row.wallMs) * 1000).toLocaleString('en'),
    Math.round((row.rows / row.cpuMs) * 1000).toLocaleString('en'),
    (row.wallMs / 1000).toFixed(2),
    (row.cpuMs / 1000).toFixed(2),
    row.peakRssMb.toFixed(0),
    row.bytes === undefined ? '' : (row.bytes / 1e6).toFixed(0),
    (row.wallMs / first.wallMs).toFixed(2),
    (row.cpuMs / first.cpuMs).toFixed(2),
  ];
}
