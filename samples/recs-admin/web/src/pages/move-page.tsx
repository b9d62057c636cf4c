import { useState } from 'react';
import { ask } from '../api/ask.js';
import type { Loss, Overview } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import type { Jobs } from '../api/use-jobs.js';
import { fieldText } from '../parts/field-text.js';
import { JobButton } from '../parts/job-button.js';
import { Waiting } from '../parts/waiting.js';

/** Fill the cache, seed anew, and move to another store. */
export function MovePage({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const overview = useAnswer<Overview>('/api/overview');
  return (
    <>
      <h1>Move vectors</h1>
      <Waiting answer={overview}>
        {({ exportProblem, provider }) => (
          <>
            <section>
              <h2>Into the embedding cache</h2>
              <p>
                Copies every stored vector into the cache, so that rebuilding the catalogue pays for no embedding again.
              </p>
              {exportProblem === undefined ? (
                <JobButton jobs={jobs} path="/admin/cache/embeddings/export?async=true">
                  Export embeddings to the cache
                </JobButton>
              ) : (
                <p role="note">
                  <strong>Not possible here.</strong> {exportProblem}
                </p>
              )}
            </section>
            <section>
              <h2>From the catalogue into the store</h2>
              <p>Embeds every item, from the cache where it can, and writes it to {provider}.</p>
              <JobButton jobs={jobs} path="/admin/seed">
                Seed the vector store
              </JobButton>
            </section>
            {exportProblem === undefined && <Migration jobs={jobs} />}
          </>
        )}
      </Waiting>
    </>
  );
}

type Losses = Readonly<Record<string, readonly Loss[]>>;

function Migration({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const [order, setOrder] = useState<{ readonly to: string; readonly as?: string }>();
  const [losses, setLosses] = useState<Losses>();
  const [problem, setProblem] = useState<string>();
  const plan = async (form: FormData): Promise<void> => {
    const as = fieldText(form, 'as');
    const wanted = { to: fieldText(form, 'to'), ...(as && { as }) };
    setLosses(undefined);
    setProblem(undefined);
    try {
      setOrder(wanted);
      const answer = await ask<{ readonly losses: Losses }>('/admin/migrations/plan', { method: 'POST', body: wanted });
      setLosses(answer.losses);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section>
      <h2>Into another store</h2>
      <p>
        Any installed adapter, by its URL. First it is said what that store cannot keep; nothing is changed by asking.
      </p>
      <form className="search" action={plan}>
        <label>
          Store
          <input name="to" required placeholder="lancedb:./copy" />
        </label>
        <label>
          Collection there
          <input name="as" placeholder="the same name" />
        </label>
        <button type="submit">Show the plan</button>
      </form>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {losses !== undefined && order !== undefined && (
        <section className="card" aria-label="Plan">
          <h3>What cannot be kept</h3>
          <LossList losses={losses} />
          <JobButton key={JSON.stringify(order)} jobs={jobs} path="/admin/migrations" body={order}>
            Move the collection
          </JobButton>
        </section>
      )}
    </section>
  );
}

function LossList({ losses }: { readonly losses: Losses }): React.JSX.Element {
  const all = Object.values(losses).flat();
  if (all.length === 0) return <p>Everything is kept as it is.</p>;
  return (
    <ul>
      {all.map(({ kind, subject, reason }) => (
        <li key={`${kind} ${subject} ${reason}`}>
          <strong>{kind}</strong> <code>{subject}</code> {reason}
        </li>
      ))}
    </ul>
  );
}
