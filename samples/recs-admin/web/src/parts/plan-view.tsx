import type { Loss, PlannedCollection, TransferPlan } from '../api/types.js';
import { bytesText, grouped, timeText } from './format.js';

/** What a transfer would do, where it goes, and what is lost on the way. */
export function PlanView({ plan }: { readonly plan: TransferPlan }): React.JSX.Element {
  const { from, to, collections, notes, obstacles } = plan;
  return (
    <>
      <p>
        From <code>{from}</code> to <code>{to}</code>
      </p>
      {notes.map((note) => (
        <p key={note} className="muted">
          {note}
        </p>
      ))}
      {collections.map((collection) => (
        <Collection key={collection.name} collection={collection} />
      ))}
      {obstacles.length > 0 && (
        <div role="alert" className="problem">
          <h4>This stands in the way</h4>
          <ul>
            {obstacles.map((obstacle) => (
              <li key={obstacle}>{obstacle}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Collection({ collection }: { readonly collection: PlannedCollection }): React.JSX.Element {
  const { name, target, notes, losses } = collection;
  return (
    <>
      <h4>{name === target ? name : `${name}, as ${target}`}</h4>
      <dl className="facts">
        {factsOf(collection).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.map((note) => (
        <p key={note} className="muted">
          {note}
        </p>
      ))}
      <h4>What cannot be kept</h4>
      <Losses losses={losses} />
    </>
  );
}

function factsOf(collection: PlannedCollection): readonly (readonly [string, string])[] {
  const { points, vectors, embeddingModel, parts, bytes, milliseconds } = collection;
  return [
    ['Points', points === undefined ? 'unknown' : grouped(points)],
    ...vectors.map(
      ({ name, kind, dimension, metric }) =>
        [
          vectors.length === 1 ? 'Vector' : `Vector ${name}`,
          [kind, dimension, metric].filter((part) => part !== undefined).join(', '),
        ] as const,
    ),
    ...(embeddingModel === undefined ? [] : [['Model', embeddingModel] as const]),
    ...(parts === undefined ? [] : [['Parts', grouped(parts)] as const]),
    ['Size, about', bytes === undefined ? 'unknown' : bytesText(bytes)],
    ['Time, about', milliseconds === undefined ? 'unknown' : milliseconds < 1000 ? 'a second' : timeText(milliseconds)],
  ];
}

function Losses({ losses }: { readonly losses: readonly Loss[] }): React.JSX.Element {
  if (losses.length === 0) return <p>Everything is kept as it is.</p>;
  return (
    <ul>
      {losses.map(({ kind, subject, reason }) => (
        <li key={`${kind} ${subject} ${reason}`}>
          <strong>{kind}</strong> <code>{subject}</code> {reason}
        </li>
      ))}
    </ul>
  );
}
