import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { MapPoint } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import { itemPath } from '../parts/item-path.js';
import { Waiting } from '../parts/waiting.js';

const SIDE = 720;
const MARGIN = 24;

/** The vectors in two dimensions: what is near on the map is near in the store. */
export function MapPage(): React.JSX.Element {
  const answer = useAnswer<{ readonly points: readonly MapPoint[] }>('/api/map');
  return (
    <>
      <h1>Map of the vectors</h1>
      <p>The two principal components. Point at an item to see what it is; choose it to see its real neighbours.</p>
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
  const [near, setNear] = useState<MapPoint>();
  const [, go] = useLocation();
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, points, near);
  }, [points, near]);
  const choose = (event: React.PointerEvent): void => setNear(nearest(event, points));
  return (
    <figure className="map">
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label={`${points.length} items placed by their vectors`}
        onPointerMove={choose}
        onPointerDown={choose}
        onClick={() => near !== undefined && go(itemPath(near.id))}
      />
      <figcaption aria-live="polite">
        {near === undefined ? `${points.length} items` : `${near.emoji} ${near.label}, ${near.group}`}
      </figcaption>
      <details>
        <summary>The same as a list</summary>
        <p className="muted">Choose an item: its page lists what is near it.</p>
        <select aria-label="Items of the map" onChange={({ target }) => go(itemPath(target.value))}>
          {points.map(({ id, emoji, label }) => (
            <option key={id} value={id}>
              {emoji} {label}
            </option>
          ))}
        </select>
      </details>
    </figure>
  );
}

function place({ x, y }: MapPoint): readonly [number, number] {
  const half = SIDE / 2 - MARGIN;
  return [SIDE / 2 + x * half, SIDE / 2 - y * half];
}

function draw(canvas: HTMLCanvasElement, points: readonly MapPoint[], near: MapPoint | undefined): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.clearRect(0, 0, SIDE, SIDE);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = '14px sans-serif';
  for (const point of points) context.fillText(point.emoji, ...place(point));
  if (near === undefined) return;
  const [x, y] = place(near);
  context.clearRect(x - 20, y - 20, 40, 40);
  context.font = '32px sans-serif';
  context.fillText(near.emoji, x, y);
}

function nearest(
  { currentTarget, clientX, clientY }: React.PointerEvent,
  points: readonly MapPoint[],
): MapPoint | undefined {
  const box = currentTarget.getBoundingClientRect();
  const [atX, atY] = [((clientX - box.left) / box.width) * SIDE, ((clientY - box.top) / box.height) * SIDE];
  let best: MapPoint | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const [x, y] = place(point);
    const distance = (x - atX) ** 2 + (y - atY) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}
