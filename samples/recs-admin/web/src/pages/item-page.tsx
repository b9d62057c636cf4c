import { Link, useSearchParams } from 'wouter';
import type { Item, Neighbour } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import { ItemGrid } from '../parts/item-grid.js';
import { Waiting } from '../parts/waiting.js';

interface Similar {
  readonly item: Item;
  readonly similar: readonly Neighbour[];
  readonly gone: number;
}

/** An item and what is near it. */
export function ItemPage(): React.JSX.Element {
  const [parameters] = useSearchParams();
  const id = parameters.get('id') ?? '';
  const answer = useAnswer<Similar>(`/api/items/${encodeURIComponent(id)}/similar?k=18`);
  return (
    <Waiting answer={answer}>
      {({ item, similar, gone }) => (
        <>
          <section className="hero">
            <span className="emoji huge" aria-hidden="true">
              {item.emoji}
            </span>
            <div>
              <h1>{item.label}</h1>
              <p className="muted">
                {item.group} · {item.tags.join(', ')}
              </p>
            </div>
          </section>
          <section>
            <h2>More like this</h2>
            <ItemGrid name="More like this" items={similar} />
            {gone > 0 && <p className="muted">{gone} nearer vectors are not shown: their items are gone.</p>}
          </section>
          <p>
            <Link href="/">Search for another one</Link>
          </p>
        </>
      )}
    </Waiting>
  );
}
