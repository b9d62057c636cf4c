import { useEffect, useState } from 'react';
import { ask } from '../api/ask.js';
import type { CacheStats } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import type { Jobs } from '../api/use-jobs.js';
import { bytesText, grouped } from './format.js';
import { Waiting } from './waiting.js';

/** What the embedding cache holds and how often it helped, and a way to clear it. */
export function CacheSection({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const stats = useAnswer<CacheStats>('/admin/cache/stats');
  const [message, setMessage] = useState<string>();
  const { again } = stats;
  const ended = jobs.jobs?.filter(({ status }) => status !== 'running').length;
  useEffect(again, [ended, again]);
  const clear = async (place: string): Promise<void> => {
    if (!window.confirm(`Clear the embedding cache in ${place}? Whoever uses it has to embed again what no store has.`))
      return;
    try {
      const { removed } = await ask<{ readonly removed: number }>('/admin/cache', { method: 'DELETE' });
      setMessage(`${grouped(removed)} entries were removed.`);
      again();
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="cache-heading">
      <h2 id="cache-heading">Embedding cache</h2>
      <Waiting answer={stats}>
        {({ place, entries, bytes, models, hits, misses }) => (
          <>
            <p>
              In <code>{place}</code>
            </p>
            <dl className="facts">
              <div>
                <dt>Entries</dt>
                <dd>{grouped(entries)}</dd>
              </div>
              <div>
                <dt>Size</dt>
                <dd>{bytesText(bytes)}</dd>
              </div>
              <div>
                <dt>Models</dt>
                <dd>{models.map(({ modelId }) => modelId).join(', ') || 'none'}</dd>
              </div>
              <div>
                <dt>Hits and misses since the start</dt>
                <dd>
                  {grouped(hits)} and {grouped(misses)}
                </dd>
              </div>
            </dl>
            <p>
              <button type="button" disabled={entries === 0} onClick={() => void clear(place)}>
                Clear the cache
              </button>
            </p>
          </>
        )}
      </Waiting>
      <p role="status">{message}</p>
    </section>
  );
}
