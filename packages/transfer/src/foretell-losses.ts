import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type IdKind,
  type Metric,
  type VectorSpec,
  type VectorTraits,
} from '@vecport/abstractions';

/** What happens to something of a collection on its way into another store. */
export interface Loss {
  /** `refused`: the collection, or points that have it, cannot be taken over; `changed`: it arrives in another form; `dropped`: it does not arrive; `mapped`: it is stored in another form and given back as it was. */
  readonly kind: 'refused' | 'changed' | 'dropped' | 'mapped';
  /** What it is about, for programs, e.g. `vector:title`, `ids`, `timestamps`. */
  readonly subject: string;
  /** One sentence. */
  readonly reason: string;
}

/** A store as far as the losses of a pair go. */
export interface LossSide {
  readonly provider: string;
  readonly traits: VectorTraits;
  readonly multiTenant: boolean;
}

/**
 * What a pair of stores cannot keep of a collection, from what they say about themselves: nothing is read. What depends
 * on single points (an identifier that is too long, a vector the target refuses) is said as a possibility.
 */
export function foretellLosses(
  description: CollectionDescription,
  divided: boolean,
  source: Pick<LossSide, 'provider' | 'traits'>,
  target: LossSide,
): readonly Loss[] {
  return [
    ...Object.entries(description.vectors).flatMap(([name, spec]) => vectorLosses(name, spec, source, target)),
    ...idLosses(description.idKinds, source, target),
    ...metadataLosses(source, target),
    ...tenantLosses(divided, target),
    ...timeLosses(source, target),
    ...fieldLosses(description, source, target),
    ...settingLosses(description, source, target),
  ];
}

type Source = Pick<LossSide, 'traits'>;
type Target = Pick<LossSide, 'provider' | 'traits'>;

function vectorLosses(name: string, spec: VectorSpec, source: Source, { provider, traits }: Target): Loss[] {
  const subject = `vector:${name}`;
  const what = name === DEFAULT_VECTOR ? 'The vector' : `The vector '${name}'`;
  const refused = (reason: string): Loss[] => [{ kind: 'refused', subject, reason }];
  if (!traits.vectorKinds.includes(spec.kind)) return refused(`${what} is ${spec.kind}, which ${provider} has not.`);
  if ((spec.dimension ?? 0) > traits.maxDimension) {
    return refused(`${what} has ${spec.dimension} dimensions; ${provider} takes ${traits.maxDimension}.`);
  }
  if (!traits.elementTypes.includes(spec.elementType)) {
    return refused(`${what} holds ${spec.elementType}, which ${provider} has not.`);
  }
  if (spec.metric !== undefined && !traits.metrics.includes(spec.metric)) {
    return refused(`${what} is compared by ${spec.metric}, which ${provider} has not.`);
  }
  const { metric, normalized } = spec;
  if (metric === undefined) return [];
  return [
    ...(normalized === true ? [] : normLosses(subject, what, metric, { provider, traits })),
    ...(spec.kind === 'sparse' ? [] : extremeLosses(what, spec, metric, source, { provider, traits })),
  ];
}

function normLosses(subject: string, what: string, metric: Metric, { provider, traits }: Target): Loss[] {
  if (!traits.normalizes.includes(metric)) return [];
  const reason = `${what} is compared by ${metric}, and ${provider} then keeps its direction only, not its length.`;
  return [{ kind: 'changed', subject, reason }];
}

/** Vectors that the target refuses. A source that refuses them too, or makes unit vectors of all, holds none. */
function extremeLosses(
  what: string,
  { normalized }: VectorSpec,
  metric: Metric,
  source: Source,
  { provider, traits }: Target,
): Loss[] {
  const losses: Loss[] = [];
  const refuses = (own: readonly Metric[] = [], its: readonly Metric[] = []): boolean =>
    own.includes(metric) && !its.includes(metric);
  if (refuses(traits.refusesZeroVectors, source.traits.refusesZeroVectors)) {
    const reason = `${what} is compared by ${metric}: points where it is all zeros are refused by ${provider}.`;
    losses.push({ kind: 'refused', subject: 'zero vectors', reason });
  }
  if (normalized !== true && refuses(traits.refusesLongVectors, source.traits.refusesLongVectors)) {
    const reason = `${what} is compared by ${metric}: points where its squared length is beyond float32 are refused by ${provider}.`;
    losses.push({ kind: 'refused', subject: 'long vectors', reason });
  }
  return losses;
}

function metadataLosses(source: Source, { provider, traits }: Target): Loss[] {
  const { maxMetadataBytes: most = Number.POSITIVE_INFINITY } = traits;
  if (most >= (source.traits.maxMetadataBytes ?? Number.POSITIVE_INFINITY)) return [];
  const reason = `Points with more than about ${most} bytes of metadata are refused by ${provider}.`;
  return [{ kind: 'refused', subject: 'large metadata', reason }];
}

function idLosses(kinds: readonly IdKind[], source: Source, { provider, traits }: Target): Loss[] {
  const losses: Loss[] = [];
  const mapped = kinds.filter((kind) => traits.mappedIdKinds?.includes(kind));
  const refused = kinds.filter((kind) => !traits.idKinds.includes(kind) && !traits.idKinds.includes('string'));
  if (mapped.length > 0) {
    const reason = `Identifiers that are ${mapped.join(' or ')} are stored under a uuid in ${provider}, and given back as they were.`;
    losses.push({ kind: 'mapped', subject: 'ids', reason });
  }
  if (refused.length > 0) {
    losses.push({ kind: 'refused', subject: 'ids', reason: `${provider} has no ${refused.join(', ')} identifiers.` });
  }
  if (kinds.includes('string') && source.traits.maxIdBytes > traits.maxIdBytes) {
    const reason = `Points whose identifier has more than ${traits.maxIdBytes} bytes are refused by ${provider}.`;
    losses.push({ kind: 'refused', subject: 'long ids', reason });
  }
  if (kinds.includes('string') && traits.refusesIds !== undefined) {
    const reason = `Points with identifiers ${traits.refusesIds} are refused by ${provider}.`;
    losses.push({ kind: 'refused', subject: 'ids of some texts', reason });
  }
  return losses;
}

function tenantLosses(divided: boolean, { provider, multiTenant }: LossSide): Loss[] {
  if (!divided || multiTenant) return [];
  const reason = `Collections of ${provider} are not divided into tenants: move them one by one into collections of their own.`;
  return [{ kind: 'refused', subject: 'tenants', reason }];
}

function timeLosses(source: Source, { provider }: Target): Loss[] {
  const times = source.traits.timestamps ?? [];
  if (times.length === 0) return [];
  const reason = `Times of creation and change are not written: ${provider} gives its own or none.`;
  return [{ kind: 'dropped', subject: 'timestamps', reason }];
}

function fieldLosses({ fields = [] }: CollectionDescription, source: Source, { provider, traits }: Target): Loss[] {
  if (traits.filterFields !== 'declared') return [];
  if (fields.length > 0 && source.traits.filterFields === 'declared') return [];
  const declared = fields.map(({ name }) => name).join(', ');
  const reason =
    fields.length === 0
      ? `No metadata field is declared, and ${provider} filters by declared fields only: the metadata arrives, and cannot be filtered by.`
      : `${provider} filters by declared fields only, which are ${declared}: other metadata arrives, and cannot be filtered by.`;
  return [{ kind: 'changed', subject: 'filters', reason }];
}

function settingLosses(
  { native, vectors }: CollectionDescription,
  source: Pick<LossSide, 'provider'>,
  target: LossSide,
): Loss[] {
  if (source.provider === target.provider) return [];
  const indexed = Object.values(vectors).some(({ index }) => index !== undefined);
  if (native === undefined && !indexed) return [];
  const reason = `Settings of ${source.provider} beyond dimension, metric and type of index are not those of ${target.provider}, which uses its own.`;
  return [{ kind: 'dropped', subject: 'settings', reason }];
}
