import type { CollectionDescription, VectorSpec } from '@vecport/abstractions';

/**
 * Why points of `source` do not belong into `target`, one sentence each; empty when they do. A target
 * may have more vectors than the source; what one of them does not say is not compared.
 */
export function whyNotInto(source: CollectionDescription, target: CollectionDescription): readonly string[] {
  const problems = Object.entries(source.vectors).flatMap(([name, spec]) => {
    const other = Object.hasOwn(target.vectors, name) ? target.vectors[name] : undefined;
    return other === undefined ? [`It has no vector named '${name}'.`] : vectorProblems(name, spec, other);
  });
  const [from, to] = [source.embeddingModel, target.embeddingModel];
  if (from !== undefined && to !== undefined && from !== to) {
    problems.push(`Its vectors were made by the model '${to}', these by '${from}'.`);
  }
  return problems;
}

function vectorProblems(name: string, source: VectorSpec, target: VectorSpec): string[] {
  const problems: string[] = [];
  const differ = (what: string, from: string | number | undefined, to: string | number | undefined): void => {
    if (from !== undefined && to !== undefined && from !== to) {
      problems.push(`The ${what} of its vector '${name}' is ${to}, not ${from}.`);
    }
  };
  differ('kind', source.kind, target.kind);
  differ('dimension', source.dimension, target.dimension);
  differ('metric', source.metric, target.metric);
  return problems;
}
