import type { ConformanceCheck } from '../conformance/check.js';
import { capabilitiesSuite } from './capabilities.js';
import { countSuite } from './count.js';
import { describeSuite } from './describe.js';
import { errorsSuite } from './errors.js';
import { exportSuite } from './export.js';
import { exportAbortSuite } from './export-abort.js';
import { filterSuite } from './filter.js';
import { idsSuite } from './ids.js';
import { lifecycleSuite } from './lifecycle.js';
import { metadataSuite } from './metadata.js';
import { searchSuite } from './search.js';
import { slicesSuite } from './slices.js';
import { tenantsSuite } from './tenants.js';
import { vectorsSuite } from './vectors.js';
import { writeReadSuite } from './write-read.js';

/** Every check a store has to pass, suite by suite. */
export const conformanceChecks: readonly ConformanceCheck[] = [
  lifecycleSuite,
  describeSuite,
  capabilitiesSuite,
  writeReadSuite,
  idsSuite,
  vectorsSuite,
  metadataSuite,
  countSuite,
  searchSuite,
  filterSuite,
  exportSuite,
  exportAbortSuite,
  slicesSuite,
  tenantsSuite,
  errorsSuite,
].flat();
