import assert from 'node:assert/strict';
import {
  CAPABILITIES,
  type Capability,
  type CollectionDescription,
  type Filter,
  type FilterOperator,
  hasCapability,
  type IVectorSearchRepository,
  isVecportError,
  type Metric,
  requireCapability,
  type VectorKind,
} from '@vecport/abstractions';
import { assertSame } from './assert-same.js';
import type { Need } from './check.js';
import { type ConformanceContext, DIMENSION } from './context.js';
import { errorOf, expectError } from './expect-error.js';

/** Whether the provider has what a check needs. */
export async function isPresent(context: ConformanceContext, need: Need): Promise<boolean> {
  const { traits } = context;
  if (isCapability(need)) return hasCapability(await context.create(), need);
  switch (need) {
    case 'sparse':
    case 'multi':
      return traits.vectorKinds.includes(need);
    case 'snapshot':
      return traits.consistency !== 'scan';
    case 'tenants':
      return context.store().multiTenant;
    case 'count-filter':
      return canCount(context);
    case 'export-filter':
      return traits.exportFilterOperators === undefined;
    case 'text-order':
      return canOrderTexts(context);
    case 'named-vectors':
      return canCreate(context, twoVectors(context));
    case 'missing-vectors':
      return canWrite(await context.create(), { id: context.id(0), metadata: { a: 1 } });
    case 'mixed-types': {
      const repository = await context.create({ fields: [{ name: 'rank', type: 'integer' }] });
      return canWrite(repository, { id: context.id(0), embedding: oneHot(), metadata: { rank: 'seven' } });
    }
    default: {
      const [kind, name = ''] = need.split(':');
      const known: readonly string[] = kind === 'metric' ? traits.metrics : traits.filterOperators;
      return known.includes(name);
    }
  }
}

/**
 * Assert that what is absent is refused by name, instead of half done. For what can only be found
 * out by trying, trying was the assertion.
 */
export async function assertAbsent(context: ConformanceContext, need: Need): Promise<void> {
  if (isCapability(need)) return assertCapabilityAbsent(await context.create(), need);
  if (need === 'sparse' || need === 'multi') return assertKindRefused(context, need);
  if (need === 'tenants') return assertTenantsRefused(context);
  if (need === 'export-filter') return assertExportFilterRefused(context);
  const [kind, name] = need.split(':');
  if (kind === 'metric') await assertMetricRefused(context, name as Metric);
  if (kind === 'filter') await assertOperatorRefused(context, name as FilterOperator);
}

/** Assert that asking for an absent capability says who cannot do it and why. */
async function assertCapabilityAbsent(repository: IVectorSearchRepository, capability: Capability): Promise<void> {
  assert.equal(capability in repository, false, `${capability} is neither a method nor absent`);
  const error = await expectError(async () => requireCapability(repository, capability), 'not-supported');
  const { reason } = repository.advise(capability);
  assert.ok(reason.trim().length > 0, `advise('${capability}') gives a reason`);
  for (const part of [repository.provider, reason, capability])
    assert.ok(error.message.includes(part), `the message names '${part}'`);
}

/** A filter that has the operator; of one node where it can be. */
function filterWith(op: FilterOperator): Filter {
  const field = 'group';
  switch (op) {
    case 'and':
    case 'or':
      return { op, filters: [{ op: 'eq', field, value: 'amber' }] };
    case 'not':
      return { op, filter: { op: 'eq', field, value: 'amber' } };
    case 'in':
      return { op, field, values: ['amber'] };
    case 'exists':
      return { op, field };
    default:
      return { op, field, value: 'amber' };
  }
}

/** A collection with two dense vectors of different size. */
export function twoVectors({ metric }: Pick<ConformanceContext, 'metric'>): Partial<CollectionDescription> {
  return {
    vectors: {
      title: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric },
      body: { kind: 'dense', dimension: DIMENSION / 2, elementType: 'float32', metric },
    },
  };
}

function isCapability(need: Need): need is Capability {
  return (CAPABILITIES as readonly string[]).includes(need);
}

function oneHot(): Float32Array {
  return Float32Array.from({ length: DIMENSION }, (_, i) => (i === 0 ? 1 : 0));
}

async function canCreate(context: ConformanceContext, change: Partial<CollectionDescription>): Promise<boolean> {
  try {
    await context.create(change);
    return true;
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-supported') return false;
    throw error;
  }
}

async function canWrite(
  repository: IVectorSearchRepository,
  point: { id: string; embedding?: Float32Array; metadata: unknown },
): Promise<boolean> {
  try {
    const report = await repository.upsertMany([point]);
    if (report.failed.length === 0) return true;
  } catch (error) {
    if (!isVecportError(error)) throw error;
  }
  assert.equal(await repository.count(), 0, 'a refused point is not stored');
  return false;
}

async function canCount({ create, traits }: ConformanceContext): Promise<boolean> {
  if (!traits.filterOperators.includes('eq')) return true;
  const repository = await create({ fields: [{ name: 'group', type: 'string' }] });
  try {
    await repository.count({ op: 'eq', field: 'group', value: 'amber' });
    return true;
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-supported') return false;
    throw error;
  }
}

async function canOrderTexts({ create, traits }: ConformanceContext): Promise<boolean> {
  if (!traits.filterOperators.includes('gt')) return true;
  const repository = await create({ fields: [{ name: 'group', type: 'string' }] });
  try {
    await repository.search({ vector: oneHot(), topK: 1, filter: { op: 'gt', field: 'group', value: 'amber' } });
    return true;
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-supported') return false;
    throw error;
  }
}

async function assertTenantsRefused(context: ConformanceContext): Promise<void> {
  const wanted = context.description({ multiTenant: true });
  await expectError(async () => context.store().create(wanted), 'not-supported');
  await assertNotListed(context, wanted.name);
  const { collection } = await context.create();
  await expectError(async () => context.store().repository(collection, { tenant: 'a' }), 'invalid-argument');
  await expectError(async () => context.store().createTenant(collection, 'a'), 'not-supported');
  assertSame(await context.store().tenants(collection), []);
}

async function assertExportFilterRefused({ filled, traits }: ConformanceContext): Promise<void> {
  const { repository } = await filled(3);
  const missing = traits.filterOperators.filter((op) => traits.exportFilterOperators?.includes(op) !== true);
  assert.ok(missing.length > 0, 'a search has operators that a full read has not');
  for (const op of missing) await assertExportRefused(repository, filterWith(op));
}

async function assertKindRefused(context: ConformanceContext, kind: VectorKind): Promise<void> {
  const spec =
    kind === 'sparse'
      ? ({ kind, elementType: 'float32', metric: 'dot' } as const)
      : ({ kind, dimension: 4, elementType: 'float32', metric: context.metric } as const);
  const wanted = context.description({ vectors: { default: spec } });
  await expectError(async () => context.store().create(wanted), 'not-supported', 'invalid-argument');
  await assertNotListed(context, wanted.name);
}

async function assertMetricRefused(context: ConformanceContext, metric: Metric): Promise<void> {
  const wanted = context.description({
    vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric } },
  });
  await expectError(async () => context.store().create(wanted), 'not-supported', 'invalid-argument');
  await assertNotListed(context, wanted.name);
}

async function assertNotListed(context: ConformanceContext, name: string): Promise<void> {
  const listed = (await context.store().collections()).map((info) => info.name);
  assert.equal(listed.includes(name), false, 'a refused collection does not exist');
}

async function assertOperatorRefused(context: ConformanceContext, op: FilterOperator): Promise<void> {
  const { repository } = await context.filled(3);
  const filter = filterWith(op);
  await expectError(async () => repository.count(filter), 'not-supported');
  await expectError(async () => repository.search({ vector: oneHot(), topK: 3, filter }), 'not-supported');
  await assertExportRefused(repository, filter);
}

async function assertExportRefused(repository: IVectorSearchRepository, filter: Filter): Promise<void> {
  if (!hasCapability(repository, 'exportAll')) return;
  const seen: unknown[] = [];
  const error = await errorOf(async () => {
    for await (const batch of repository.exportAll({ filter })) seen.push(batch);
  });
  assert.ok(isVecportError(error) && error.code === 'not-supported', `expected not-supported, got ${String(error)}`);
  assertSame(seen, [], 'nothing is read with a filter that is not supported');
}
