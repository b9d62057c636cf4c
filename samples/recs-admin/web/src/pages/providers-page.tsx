import type { Adapter, Capability } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import { grouped } from '../parts/format.js';
import { Waiting } from '../parts/waiting.js';

const MARKS = { present: '✓ yes', absent: '✗ no', unknown: '? unknown' } as const;

/** Every adapter: its state, its collections, what it can do, and why it cannot do the rest. */
export function ProvidersPage(): React.JSX.Element {
  const report = useAnswer<{ readonly defaultStore?: string; readonly adapters: readonly Adapter[] }>(
    '/admin/capabilities',
  );
  return (
    <>
      <h1>Providers and capabilities</h1>
      <p>The boot report, asked anew: what each installed adapter can do here, and why it cannot do the rest.</p>
      <Waiting answer={report}>
        {({ defaultStore, adapters }) => (
          <>
            {defaultStore !== undefined && <p className="muted">Default store: {defaultStore}</p>}
            <div className="cards">
              {adapters.map((adapter) => (
                <AdapterCard key={adapter.name} adapter={adapter} />
              ))}
            </div>
            <button type="button" onClick={report.again}>
              Ask again
            </button>
          </>
        )}
      </Waiting>
    </>
  );
}

function AdapterCard({ adapter }: { readonly adapter: Adapter }): React.JSX.Element {
  const { name, version, state, reason, capabilities, collections = [] } = adapter;
  return (
    <article className="card" aria-label={name}>
      <h2>
        {name} <span className="muted">{version}</span> <span className={`state ${state}`}>{state}</span>
      </h2>
      {reason !== undefined && <p className="muted">{reason}</p>}
      {collections.length > 0 && (
        <table>
          <caption>Collections</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Points</th>
              <th scope="col">Vectors</th>
            </tr>
          </thead>
          <tbody>
            {collections.map((collection) => (
              <tr key={collection.name}>
                <th scope="row">{collection.name}</th>
                <td>
                  {collection.points === undefined ? (collection.problem ?? 'unknown') : grouped(collection.points)}
                </td>
                <td>
                  {collection.vectors.map(({ name: vector, kind, dimension, metric }) => (
                    <p key={vector}>
                      {[vector, kind, dimension, metric].filter((part) => part !== undefined).join(' ')}
                    </p>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {capabilities.length > 0 && (
        <ul className="capabilities">
          {capabilities.map((capability) => (
            <CapabilityLine key={capability.capability} capability={capability} />
          ))}
        </ul>
      )}
    </article>
  );
}

function CapabilityLine({ capability }: { readonly capability: Capability }): React.JSX.Element {
  const { capability: name, state, reason, alternatives = [] } = capability;
  return (
    <li>
      <code>{name}</code> <span className={state}>{MARKS[state]}</span>
      {reason !== undefined && <p className="muted">{reason}</p>}
      {alternatives.length > 0 && <p className="muted">Adapters here that can: {alternatives.join(', ')}.</p>}
    </li>
  );
}
