import type { QuarantineReport, SearchParity } from '@vecport/transfer';
import { listText } from './collection-tables.js';
import { formatCount, plural } from './format.js';

/** What comparing searches gave; nothing when they were not compared. */
export function parityText(parity: SearchParity | undefined): string {
  if (parity === undefined) return '';
  const lines = parity.reports.map(({ collection, tenant, vector, queries, k, recall, lowest, truth }) => {
    const place = tenant === undefined ? collection : `${collection} / ${tenant}`;
    const against = truth === 'exact' ? 'the nearest of all points' : 'what the source finds';
    return `${place}, ${vector}: recall@${k} ${shareText(recall)} over ${formatCount(queries)} searches, at least ${shareText(lowest)}, of ${against}`;
  });
  const title = parity.ok ? 'Searches' : 'Searches find too little';
  return listText(title, [...lines, ...parity.notCompared]);
}

/** Where refused points are; nothing without any. */
export function quarantineText(quarantine: QuarantineReport | undefined): string {
  if (quarantine === undefined) return '';
  const { url, path, points } = quarantine;
  return `\nQuarantine: ${plural(points, 'point')} in ${url.replace(/\/?$/, '/')}${path}`;
}

// Cut and not rounded: 1 means all.
function shareText(share: number): string {
  return String(Math.floor(share * 10_000) / 10_000);
}
