import type { Request, Response } from 'express';
import type { Html } from './html.js';
import type { Problem } from './problem.js';
import { problemPage } from './problem-page.js';

/** Answer with a problem: as JSON, or as a page to a browser. */
export function sendProblem(request: Request, response: Response, problem: Problem): void {
  response.status(problem.status);
  if (wantsPage(request)) sendPage(response, problemPage(problem));
  else response.type('application/problem+json').send(JSON.stringify(problem));
}

function sendPage(response: Response, page: Html): void {
  response.type('html').send(page.text);
}

/** Whether the client would rather have a page than JSON; one that takes anything gets JSON. */
export function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html';
}
