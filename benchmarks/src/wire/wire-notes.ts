import { type Measured, median, type Sample } from '../measure.js';
import { meanRatio } from './mean-ratio.js';

const RATIO_TO_DRAIN = 'times the drain of the same pages';

/** What the tables of `export-wire` are made to tell, as sentences. */
export function wireNotes(measured: readonly Measured[]): readonly string[] {
  const find = (name: string): Measured | undefined => measured.find((row) => row.name === name);
  const drain = measured.find(({ name }) => name.startsWith('drain') && !name.endsWith('paced'));
  const pacedDrain = measured.find(({ name }) => name.startsWith('drain') && name.endsWith('paced'));
  return [
    ...againstDrain('Client CPU', ['Vecport', 'Vecport, uncompressed'].map(find), drain, ({ cpuMs }) => cpuMs),
    ...againstDrain('Client CPU', [find('Vecport, paced')], pacedDrain, ({ cpuMs }) => cpuMs),
    ...againstDrain('Wall time', [find('Vecport, paced')], pacedDrain, ({ wallMs }) => wallMs),
    ...againstGo(measured, ''),
    ...againstGo(measured, ', paced'),
    ...againstPlain(find('Vecport'), find('official client, hyparquet-writer')),
  ];
}

function againstDrain(
  what: string,
  rows: readonly (Measured | undefined)[],
  drain: Measured | undefined,
  value: (sample: Sample) => number,
): readonly string[] {
  if (drain === undefined) return [];
  return rows.flatMap((row) =>
    row === undefined ? [] : [`${what} of ${row.name}: ${pairs(row, drain, value).toFixed(2)} ${RATIO_TO_DRAIN}.`],
  );
}

/** Beside the form of the Go program with the smaller median; the interval is of the mean of the ratios' logarithms. */
function againstGo(measured: readonly Measured[], paced: string): readonly string[] {
  const own = measured.find(({ name }) => name === `Vecport${paced}`);
  const forms = measured.filter(({ name }) => name.startsWith('Go, ') && name.endsWith(', paced') === (paced !== ''));
  const best = forms.toSorted((a, b) => a.wallMs - b.wallMs)[0];
  // An interval needs pairs.
  if (own === undefined || best === undefined || own.samples.length < 2) return [];
  const wall = ({ wallMs, rows }: Sample): number => wallMs / rows;
  const { ratio, low, high } = meanRatio(own.samples.map(wall), best.samples.map(wall));
  return [
    `Wall time of ${own.name}: ${pairs(own, best, ({ wallMs }) => wallMs).toFixed(2)} times that of ${best.name}, the better ` +
      `form, in the median of ${own.samples.length} pairs; ${ratio.toFixed(2)} in the mean, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}.`,
  ];
}

function againstPlain(own: Measured | undefined, plain: Measured | undefined): readonly string[] {
  if (own === undefined || plain === undefined) return [];
  const wall = pairs(plain, own, ({ wallMs }) => wallMs);
  return [
    `The official client with hyparquet-writer read ${plain.rows.toLocaleString('en')} of the points; one took it ${wall.toFixed(1)} times as long as Vecport.`,
  ];
}

/** The median over rounds of the ratio per point within a round. */
function pairs(row: Measured, other: Measured, value: (sample: Sample) => number): number {
  return median(
    row.samples.flatMap((sample, round) => {
      const beside = other.samples[round];
      return beside === undefined ? [] : [value(sample) / sample.rows / (value(beside) / beside.rows)];
    }),
  );
}
