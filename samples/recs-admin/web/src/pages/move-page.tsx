import type { Overview } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import type { Jobs } from '../api/use-jobs.js';
import { CacheSection } from '../parts/cache-section.js';
import { fieldText } from '../parts/field-text.js';
import { grouped } from '../parts/format.js';
import { JobButton } from '../parts/job-button.js';
import { ModeField } from '../parts/mode-field.js';
import { NotPossible } from '../parts/not-possible.js';
import { PlannedJob } from '../parts/planned-job.js';
import { Waiting } from '../parts/waiting.js';

/** Fill the cache, seed anew, and move to another store. */
export function MovePage({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const overview = useAnswer<Overview>('/api/overview');
  return (
    <>
      <h1>Move vectors</h1>
      <Waiting answer={overview}>
        {({ exportProblem, provider, vectors, dimension, embeddingModel, cache }) => (
          <>
            <section>
              <h2>Into the embedding cache</h2>
              <p>
                Copies every stored vector into the cache, so that rebuilding the catalogue pays for no embedding again.
              </p>
              <p className="muted">
                {vectors === undefined ? 'All' : grouped(vectors)} vectors of {dimension ?? '?'} dimensions, made by{' '}
                {embeddingModel ?? 'a model that is not known'}, from {provider} into a cache of{' '}
                {cache === undefined ? '?' : grouped(cache.entries)} entries. Nothing is embedded, and nothing is lost:
                vectors are kept bit by bit.
              </p>
              {exportProblem === undefined ? (
                <JobButton jobs={jobs} kind="export-vectors" path="/admin/cache/embeddings/export?async=true">
                  Export embeddings to the cache
                </JobButton>
              ) : (
                <NotPossible reason={exportProblem} />
              )}
            </section>
            <CacheSection jobs={jobs} />
            <section>
              <h2>From the catalogue into the store</h2>
              <p>Embeds every item, from the cache where it can, and writes it to {provider}.</p>
              <JobButton jobs={jobs} kind="seed" path="/admin/seed">
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

function Migration({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const orderOf = (form: FormData): object => {
    const as = fieldText(form, 'as');
    return { to: fieldText(form, 'to'), mode: fieldText(form, 'mode'), ...(as && { as }) };
  };
  return (
    <section>
      <h2>Into another store</h2>
      <p>
        Any installed adapter, by its URL, e.g. one of another folder or server. The plan says what that store cannot
        keep.
      </p>
      <PlannedJob jobs={jobs} kind="migrate" path="/admin/migrations" orderOf={orderOf} confirm="Move the collection">
        <label>
          Store
          <input name="to" required maxLength={2000} placeholder="lancedb:./copy" />
        </label>
        <label>
          Collection there
          <input name="as" maxLength={200} placeholder="the same name" />
        </label>
        <ModeField />
      </PlannedJob>
    </section>
  );
}
