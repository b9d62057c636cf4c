import { Link } from 'wouter';
import type { Item } from '../api/types.js';
import { itemPath } from './item-path.js';

/** Items with their pictures; with scores where they are neighbours. */
export function ItemGrid({
  name,
  items,
}: {
  readonly name: string;
  readonly items: readonly { readonly item: Item; readonly score?: number }[];
}): React.JSX.Element {
  return (
    <ul className="items" aria-label={name}>
      {items.map(({ item, score }) => (
        <li key={item.id}>
          <Link className="item" href={itemPath(item.id)}>
            <span className="emoji" aria-hidden="true">
              {item.emoji}
            </span>
            <span>{item.label}</span>
            {score !== undefined && <span className="muted">{score.toFixed(3)}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}
