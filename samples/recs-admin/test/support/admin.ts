import type { Application } from '../../src/application.js';
import type { Job } from '../../src/jobs/job.js';

/** The admin API of a running application. */
export interface TestAdmin {
  request(method: string, path: string, body?: object): Promise<Response>;
  get(path: string): Promise<Response>;
  post(path: string, body?: object): Promise<Response>;
  delete(path: string): Promise<Response>;
  /** Start a job; fails when it was not begun. */
  started(path: string, body?: object): Promise<Job>;
  job(id: string): Promise<Job>;
  /** Every step that was seen of a job, to its end. */
  events(id: string): Promise<readonly Job[]>;
  /** The job when it has ended. */
  finished(job: Job): Promise<Job>;
}

/** A client that knows nothing but HTTP. */
export function adminOf({ url }: Application): TestAdmin {
  const request: TestAdmin['request'] = async (method, path, body) =>
    fetch(new URL(path, url), {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const events: TestAdmin['events'] = async (id) => {
    const response = await request('GET', `/admin/jobs/${id}/events`);
    const text = await response.text();
    return text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6)) as Job] : []));
  };
  return {
    request,
    events,
    get: async (path) => request('GET', path),
    post: async (path, body) => request('POST', path, body),
    delete: async (path) => request('DELETE', path),
    started: async (path, body) => {
      const response = await request('POST', path, body);
      const answer = await response.json();
      if (response.status !== 202)
        throw new Error(`POST ${path} was answered ${response.status}: ${JSON.stringify(answer)}`);
      return answer as Job;
    },
    job: async (id) => (await request('GET', `/admin/jobs/${id}`)).json() as Promise<Job>,
    finished: async ({ id }) => {
      const last = (await events(id)).at(-1);
      if (last === undefined) throw new Error(`Nothing was heard of the job ${id}.`);
      return last;
    },
  };
}
