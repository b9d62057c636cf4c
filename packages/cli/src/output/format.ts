const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A whole number with thousands separated: `1,923,000`. Fractions are rounded. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Bytes in decimal units with three digits: `999 B`, `1.50 MB`, `23.4 GB`. */
export function formatBytes(bytes: number): string {
  if (Math.round(bytes) < 1000) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
  } while (Number(value.toPrecision(3)) >= 1000 && unit < BYTE_UNITS.length - 1);
  const digits = Number(value.toPrecision(3)) >= 100 ? 0 : Number(value.toPrecision(3)) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

/** A time span: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 03 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${formatCount(Math.floor(minutes / 60))} h ${two(minutes % 60)} min`;
}

/** How much of `total` is done, rounded down, so that 100 % means all of it. */
export function formatPercent(done: number, total: number): string {
  return total === 0 ? '100 %' : `${Math.min(100, Math.floor((done / total) * 100))} %`;
}

/** A count with its noun: `1 point`, `2 points`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Text of at most `width` characters on one line; what is cut away is shown as `…`. */
export function shorten(text: string, width: number): string {
  const line = text.replaceAll(/\s+/g, ' ');
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
