import type { MapPoint } from '../api/types.js';

/** Width and height of the map in its own pixels. */
export const MAP_SIDE = 720;
const MARGIN = 24;
/** Without them some emoji are drawn as signs of one colour. */
const FONTS = '"Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif';

/** What is on the map. */
export interface MapDrawing {
  readonly points: readonly MapPoint[];
  /** Drawn larger. */
  readonly shown: MapPoint | undefined;
  /** Joined to its neighbours by lines. */
  readonly chosen: MapPoint | undefined;
  readonly neighbours: readonly MapPoint[];
}

/** Draw every item at its place. */
export function drawMap(canvas: HTMLCanvasElement, { points, shown, chosen, neighbours }: MapDrawing): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.clearRect(0, 0, MAP_SIDE, MAP_SIDE);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = getComputedStyle(canvas).color;
  context.font = `14px ${FONTS}`;
  for (const point of points) context.fillText(point.emoji, ...placeOf(point));
  if (chosen !== undefined) drawLines(context, chosen, neighbours, getComputedStyle(canvas).accentColor);
  for (const point of [...neighbours, ...(chosen ? [chosen] : []), ...(shown ? [shown] : [])]) {
    drawLarge(context, point);
  }
}

/** The item that is nearest to where the pointer is. */
export function nearestTo(
  { currentTarget, clientX, clientY }: React.MouseEvent,
  points: readonly MapPoint[],
): MapPoint | undefined {
  const box = currentTarget.getBoundingClientRect();
  const [atX, atY] = [((clientX - box.left) / box.width) * MAP_SIDE, ((clientY - box.top) / box.height) * MAP_SIDE];
  let best: MapPoint | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const [x, y] = placeOf(point);
    const distance = (x - atX) ** 2 + (y - atY) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

function placeOf({ x, y }: MapPoint): readonly [number, number] {
  const half = MAP_SIDE / 2 - MARGIN;
  return [MAP_SIDE / 2 + x * half, MAP_SIDE / 2 - y * half];
}

function drawLines(context: CanvasRenderingContext2D, from: MapPoint, to: readonly MapPoint[], colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 3;
  for (const point of to) {
    context.beginPath();
    context.moveTo(...placeOf(from));
    context.lineTo(...placeOf(point));
    context.stroke();
  }
}

function drawLarge(context: CanvasRenderingContext2D, point: MapPoint): void {
  context.font = `30px ${FONTS}`;
  context.fillText(point.emoji, ...placeOf(point));
}
