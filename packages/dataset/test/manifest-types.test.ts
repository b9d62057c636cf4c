import { describe, expect, it } from '@jest/globals';
import type { CollectionDescription, VectorSpec } from '@vecport/abstractions';
import { collectionDescriptionSchema, vectorSpecSchema } from '@vecport/dataset';
import type { z } from 'zod';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type ReadonlyDeep<T> = T extends (...args: never) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T;

/** Compiles only while the schemas and the contract have the same fields of the same types. */
const SAME_SPEC: Same<ReadonlyDeep<z.infer<typeof vectorSpecSchema>>, VectorSpec> = true;
const SAME_DESCRIPTION: Same<
  ReadonlyDeep<Omit<z.infer<typeof collectionDescriptionSchema>, 'native'>>,
  Omit<CollectionDescription, 'native'>
> = true;
const SAME_KEYS: Same<keyof z.infer<typeof collectionDescriptionSchema>, keyof CollectionDescription> = true;

const FULL: Required<CollectionDescription> = {
  name: 'x',
  vectors: {
    default: {
      kind: 'dense',
      dimension: 3,
      elementType: 'int8',
      metric: 'dot',
      normalized: true,
      index: { type: 'flat', parameters: { a: 1, b: 'c', d: true } },
    },
  },
  idKinds: ['i64'],
  fields: [{ name: 'a.b', type: 'string[]' }],
  embeddingModel: 'm',
  multiTenant: true,
  notDescribed: ['index settings'],
  native: { n: 2n ** 64n },
};

describe('the schema of a description', () => {
  it('has the fields of the contract', () => {
    expect([SAME_SPEC, SAME_DESCRIPTION, SAME_KEYS]).toEqual([true, true, true]);
  });

  it('keeps every field', () => {
    expect(collectionDescriptionSchema.parse(FULL)).toEqual(FULL);
    expect(vectorSpecSchema.parse(FULL.vectors['default'])).toEqual(FULL.vectors['default']);
  });

  it('keeps names that objects have already, and refuses the one it cannot keep', () => {
    const spec = FULL.vectors['default'];
    const named = (name: string) => ({ ...FULL, vectors: Object.fromEntries([[name, spec]]) });
    expect(collectionDescriptionSchema.parse(named('constructor'))).toEqual(named('constructor'));
    expect(() => collectionDescriptionSchema.parse(named('__proto__'))).toThrow('a key is named __proto__');
  });

  it.each([
    ['an unknown metric', { vectors: { v: { kind: 'dense', elementType: 'float32', metric: 'nearest' } } }],
    ['no kind of id', { idKinds: [] }],
    ['no name', { name: '' }],
  ])('refuses %s', (_what, wrong) => {
    expect(collectionDescriptionSchema.safeParse({ ...FULL, ...wrong }).success).toBe(false);
  });
});
