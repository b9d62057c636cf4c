import type { RepositoryLayer } from '@vecport/core';
import { createMemoryStore, describeConformance } from '@vecport/testkit';

const store = createMemoryStore();
const passThrough: RepositoryLayer = (repository) => ({ ...repository });
const withoutSlices: RepositoryLayer = ({ slices: _slices, ...repository }) => ({
  ...repository,
  advise: () => ({ reason: 'The decorator takes it away.', alternatives: ['memory'] }),
});

describeConformance('the oracle with integer ids, inside decorators', {
  open: async () => store,
  layers: [passThrough, withoutSlices],
  idKinds: ['i64'],
  points: 120,
  seed: 5,
  openCursors: () => store.openCursors(),
  absent: { slices: 'the decorator under test takes slices away' },
});
