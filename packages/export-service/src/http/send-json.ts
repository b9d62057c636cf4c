import type { Response } from 'express';
import { closeUnread } from './close-unread.js';

/** Answer with a text of JSON, which nobody may keep. */
export function sendJson(response: Response, status: number, json: string): void {
  closeUnread(response.req, response);
  const body = Buffer.from(json);
  response.status(status).set({ 'Cache-Control': 'no-store', 'Content-Type': 'application/json; charset=utf-8' });
  response.set('Content-Length', String(body.length));
  // Without express's own `send`, which would compute a tag for caches.
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
