import { useSearchParams } from 'wouter';
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
  // In the address, so that the way back from an item leads to what was found.
  const [parameters, setParameters] = useSearchParams();
  const wanted = wantedBy(parameters);
  const found = useFound(wanted);
  return (
    <>
      <h1>Find an emoji, then more like it</h1>
      <Waiting answer={overview}>
        {(value) => (
          <>
            <SearchForm key={parameters.toString()} overview={value} wanted={wanted} onSearch={setParameters} />
            {wanted.text === '' ? (
              <section>
                <h2>Begin with one of these</h2>
                {value.samples.length === 0 ? (
                  <p>The catalogue is empty. Remove the data folder, and start the application again to fill it.</p>
                ) : (
                  <ItemGrid name="Some items" items={value.samples.map((item) => ({ item }))} />
                )}
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

function wantedBy(parameters: URLSearchParams): Wanted {
  const of = (name: string): string => parameters.get(name) ?? '';
  return { text: of('text'), group: of('group'), byMeaning: of('by') === 'meaning' };
}

type Results = readonly { readonly item: Item; readonly score?: number }[];

function useFound({ text, group, byMeaning }: Wanted): Answer<Results> {
  const query = new URLSearchParams({ [byMeaning ? 'text' : 'query']: text, ...(group && { group }) });
  const path = byMeaning ? `/api/items/by-text?${query}` : `/api/items?${query}`;
  const answer = useAnswer<{ readonly found?: readonly Neighbour[]; readonly items?: readonly Item[] }>(
    text === '' ? undefined : path,
  );
  const items = answer.value?.items?.map((item) => ({ item }));
  return { ...answer, value: answer.value?.found ?? items };
}

function SearchForm({
  overview,
  wanted,
  onSearch,
}: {
  readonly overview: Overview;
  readonly wanted: Wanted;
  readonly onSearch: (parameters: Record<string, string>) => void;
}): React.JSX.Element {
  const search = (event: React.FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [text, group, by] = ['text', 'group', 'by'].map((name) => fieldText(form, name));
    onSearch({ ...(text && { text }), ...(group && { group }), ...(by === 'meaning' && { by }) });
  };
  return (
    <search>
      <form className="search" onSubmit={search}>
        <label>
          Search
          <input
            name="text"
            type="search"
            placeholder="dragon, happy, 🦊 …"
            maxLength={200}
            defaultValue={wanted.text}
          />
        </label>
        <label>
          Group
          <select name="group" defaultValue={wanted.group}>
            <option value="">all</option>
            {overview.groups.map((group) => (
              <option key={group}>{group}</option>
            ))}
          </select>
        </label>
        <label>
          By
          <select
            name="by"
            defaultValue={wanted.byMeaning ? 'meaning' : 'words'}
            disabled={!overview.textSearch}
            aria-describedby={overview.textSearch ? undefined : 'by-note'}
          >
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
  const { items, vectors, provider, collection, dimension, metric, embeddingModel, cache, problems } = overview;
  const facts = [
    ['Items', grouped(items)],
    [`Vectors in ${provider}, collection ${collection}`, countText(vectors)],
    ['Dimension and metric', `${dimension ?? '?'}, ${metric ?? 'unknown'}`],
    ['Embedding model', embeddingModel ?? 'unknown'],
    ['Embeddings in the cache', countText(cache?.entries)],
    ['Cache hits and misses', `${countText(cache?.hits)} and ${countText(cache?.misses)}`],
  ] as const;
  return (
    <section>
      <h2>What is here</h2>
      {problems.map((problem) => (
        <p key={problem} role="alert" className="problem">
          {problem}
        </p>
      ))}
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

function countText(count: number | undefined): string {
  return count === undefined ? 'unknown' : grouped(count);
}
