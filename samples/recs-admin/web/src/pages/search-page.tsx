import { useState } from 'react';
import type { Item, Neighbour, Overview } from '../api/types.js';
import { type Answer, useAnswer } from '../api/use-answer.js';
import { fieldText } from '../parts/field-text.js';
import { grouped } from '../parts/format.js';
import { ItemGrid } from '../parts/item-grid.js';
import { Waiting } from '../parts/waiting.js';

interface Wanted {
  readonly text: string;
  readonly group: string;
  readonly byMeaning: boolean;
}

/** Search by words or by meaning, and what is here. */
export function SearchPage(): React.JSX.Element {
  const overview = useAnswer<Overview>('/api/overview');
  const [wanted, setWanted] = useState<Wanted>({ text: '', group: '', byMeaning: false });
  const found = useFound(wanted);
  return (
    <>
      <h1>Find an emoji, then more like it</h1>
      <Waiting answer={overview}>
        {(value) => (
          <>
            <SearchForm overview={value} onSearch={setWanted} />
            {wanted.text === '' ? (
              <section>
                <h2>Begin with one of these</h2>
                <ItemGrid name="Some items" items={value.samples.map((item) => ({ item }))} />
              </section>
            ) : (
              <Found wanted={wanted} answer={found} />
            )}
            <Facts overview={value} />
          </>
        )}
      </Waiting>
    </>
  );
}

type Results = readonly { readonly item: Item; readonly score?: number }[];

function useFound({ text, group, byMeaning }: Wanted): Answer<Results> {
  const query = new URLSearchParams(byMeaning ? { text, ...(group && { group }) } : { query: text });
  const path = byMeaning ? `/api/items/by-text?${query}` : `/api/items?${query}`;
  const answer = useAnswer<{ readonly found?: readonly Neighbour[]; readonly items?: readonly Item[] }>(
    text === '' ? undefined : path,
  );
  const items = answer.value?.items?.filter((item) => group === '' || item.group === group).map((item) => ({ item }));
  return { ...answer, value: answer.value?.found ?? items };
}

function SearchForm({
  overview,
  onSearch,
}: {
  readonly overview: Overview;
  readonly onSearch: (wanted: Wanted) => void;
}): React.JSX.Element {
  const search = (form: FormData): void =>
    onSearch({
      text: fieldText(form, 'text'),
      group: fieldText(form, 'group'),
      byMeaning: form.get('by') === 'meaning',
    });
  return (
    <search>
      <form className="search" action={search}>
        <label>
          Search
          <input name="text" type="search" placeholder="dragon, happy, 🦊 …" maxLength={200} />
        </label>
        <label>
          Group
          <select name="group">
            <option value="">all</option>
            {overview.groups.map((group) => (
              <option key={group}>{group}</option>
            ))}
          </select>
        </label>
        <label>
          By
          <select name="by" disabled={!overview.textSearch} aria-describedby="by-note">
            <option value="words">words</option>
            <option value="meaning">meaning</option>
          </select>
        </label>
        <button type="submit">Search</button>
      </form>
      {!overview.textSearch && (
        <p id="by-note" className="muted">
          Searching by meaning needs an embedding service: set EMBEDDING_URL. “More like this” works without one.
        </p>
      )}
    </search>
  );
}

function Found({ wanted, answer }: { readonly wanted: Wanted; readonly answer: Answer<Results> }): React.JSX.Element {
  return (
    <section aria-live="polite">
      <h2>Found for “{wanted.text}”</h2>
      <Waiting answer={answer}>
        {(items) =>
          items.length === 0 ? (
            <p>Nothing. Try another word, or all groups.</p>
          ) : (
            <ItemGrid name="Search results" items={items} />
          )
        }
      </Waiting>
    </section>
  );
}

function Facts({ overview }: { readonly overview: Overview }): React.JSX.Element {
  const { items, vectors, provider, collection, dimension, metric, embeddingModel, cache } = overview;
  const facts = [
    ['Items', grouped(items)],
    [`Vectors in ${provider}, collection ${collection}`, grouped(vectors)],
    ['Dimension and metric', `${dimension ?? '?'}, ${metric ?? 'unknown'}`],
    ['Embedding model', embeddingModel ?? 'unknown'],
    ['Embeddings in the cache', grouped(cache.entries)],
    ['Cache hits and misses', `${grouped(cache.hits)} and ${grouped(cache.misses)}`],
  ] as const;
  return (
    <section>
      <h2>What is here</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
