import { useEffect, useRef, useState } from 'react';
import type { Item, MapPoint, Neighbour } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import { drawMap, MAP_SIDE, nearestTo } from '../parts/draw-map.js';
import { ItemGrid } from '../parts/item-grid.js';
import { Waiting } from '../parts/waiting.js';

const NEIGHBOURS = 8;

/** The vectors in two dimensions: what is near on the map is near in the store, and the nearest are shown. */
export function MapPage(): React.JSX.Element {
  const answer = useAnswer<{ readonly points: readonly MapPoint[] }>('/api/map');
  return (
    <>
      <h1>Map of the vectors</h1>
      <p>
        Along their two principal axes. Point at an item to see what it is; choose it to see which ones are nearest to
        it in the store.
      </p>
      <Waiting answer={answer}>
        {({ points }) =>
          points.length === 0 ? (
            <p>No vector of the store belongs to an item of the catalogue. Seed the store under “Move vectors”.</p>
          ) : (
            <VectorMap points={points} />
          )
        }
      </Waiting>
    </>
  );
}

function VectorMap({ points }: { readonly points: readonly MapPoint[] }): React.JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<MapPoint>();
  const [chosen, setChosen] = useState<MapPoint>();
  const similar = useAnswer<{ readonly item: Item; readonly similar: readonly Neighbour[] }>(
    chosen && `/api/items/${encodeURIComponent(chosen.id)}/similar?k=${NEIGHBOURS}`,
  );
  const shown = pointed ?? chosen;
  const neighbours = similar.value?.similar;
  useEffect(() => {
    if (canvas.current === null) return;
    const ids = new Set(neighbours?.map(({ item }) => item.id));
    drawMap(canvas.current, { points, shown, chosen, neighbours: points.filter(({ id }) => ids.has(id)) });
  }, [points, shown, chosen, neighbours]);
  return (
    <figure className="map">
      <canvas
        ref={canvas}
        width={MAP_SIDE}
        height={MAP_SIDE}
        role="img"
        aria-label={`${points.length} items placed by their vectors`}
        onPointerMove={(event) => setPointed(nearestTo(event, points))}
        onPointerLeave={() => setPointed(undefined)}
        onClick={(event) => setChosen(nearestTo(event, points))}
      />
      <figcaption>
        {shown === undefined ? `${points.length} items` : `${shown.emoji} ${shown.label}, ${shown.group}`}
      </figcaption>
      <label>
        Item{' '}
        <select
          value={chosen?.id ?? ''}
          onChange={({ target }) => setChosen(points.find(({ id }) => id === target.value))}
        >
          <option value="">none</option>
          {points.map(({ id, emoji, label }) => (
            <option key={id} value={id}>
              {emoji} {label}
            </option>
          ))}
        </select>
      </label>
      {chosen !== undefined && (
        <section aria-live="polite">
          <h2>Nearest to {chosen.label}</h2>
          <Waiting answer={similar}>
            {(found) => <ItemGrid name={`Nearest to ${chosen.label}`} items={found.similar} />}
          </Waiting>
        </section>
      )}
    </figure>
  );
}
