import { useEffect } from 'react';
import type { ClusterRun, ClusterStatus, ClusterWorker } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import { bytesText, dateText, grouped, timeText } from '../parts/format.js';
import { ScrollRegion } from '../parts/scroll-region.js';
import { Waiting } from '../parts/waiting.js';

const EVERY_MS = 2000;

/** The cluster's workers, its queues, and what they do: asked anew two seconds after each answer. */
export function ClusterPage(): React.JSX.Element {
  const status = useAnswer<ClusterStatus>('/admin/cluster/status');
  const { again, answered } = status;
  useEffect(() => {
    if (answered === undefined) return;
    const timer = window.setTimeout(again, EVERY_MS);
    return () => window.clearTimeout(timer);
  }, [again, answered]);
  return (
    <>
      <h1>Cluster</h1>
      <Waiting answer={status}>
        {({ cluster, at, workers, queues, runs }) => (
          <>
            <p>
              Queue in <code>{cluster}</code>, as of {dateText(at)}
            </p>
            <Facts workers={workers} queues={queues} />
            <h2>Workers</h2>
            {workers.length === 0 ? (
              <p>None is running: what is dispatched waits for one.</p>
            ) : (
              <Workers workers={workers} />
            )}
            <h2>Runs</h2>
            {runs.length === 0 && <p>Nothing was dispatched yet.</p>}
            {runs.map((run) => (
              <Run key={run.run} run={run} />
            ))}
          </>
        )}
      </Waiting>
    </>
  );
}

function Facts({ workers, queues }: Pick<ClusterStatus, 'workers' | 'queues'>): React.JSX.Element {
  const sum = (of: (worker: ClusterWorker) => number): number => workers.reduce((total, one) => total + of(one), 0);
  const counts = Object.entries(queues).flatMap(([queue, states]) =>
    Object.entries(states).flatMap(([state, count]) => (count > 0 ? [`${grouped(count)} ${queue} ${state}`] : [])),
  );
  const facts = [
    ['Workers', grouped(workers.length)],
    ['Throughput', `${grouped(sum(({ pointsPerSecond }) => pointsPerSecond))} points/s`],
    ['Queue', counts.join(', ') || 'empty'],
    ['Failed turns', grouped(sum(({ failures }) => failures))],
  ] as const;
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Workers({ workers }: { readonly workers: readonly ClusterWorker[] }): React.JSX.Element {
  return (
    <ScrollRegion name="Workers">
      <table>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">At work on</th>
            <th scope="col">Points</th>
            <th scope="col">Points/s</th>
            <th scope="col">Failures</th>
          </tr>
        </thead>
        <tbody>
          {workers.map(({ name, host, pid, active, draining, points, pointsPerSecond, failures }) => (
            <tr key={name}>
              <th scope="row">
                {name}{' '}
                <span className="muted">
                  {host}, process {pid}
                  {draining ? ', finishing' : ''}
                </span>
              </th>
              <td>{active.length === 0 ? 'nothing' : `${active.length} slices`}</td>
              <td>{grouped(points)}</td>
              <td>{grouped(pointsPerSecond)}</td>
              <td>{grouped(failures)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Run({ run }: { readonly run: ClusterRun }): React.JSX.Element {
  const { kind, state, from, to, startedAt, endedAt, reason, slices, points, bytes, pointsPerSecond, failures } = run;
  const took = endedAt === undefined ? undefined : Date.parse(endedAt) - Date.parse(startedAt);
  const name = `${kind} ${run.run}`;
  return (
    <article className={`card job ${state}`} aria-label={name}>
      <h3>
        {kind} <span className="state">{state}</span>
      </h3>
      <p>
        From <code>{from}</code> to <code>{to}</code>
      </p>
      <p className="muted">
        Started {dateText(startedAt)}
        {took === undefined ? '' : `, took ${timeText(took)}`}
      </p>
      <progress aria-label={`Progress of: ${name}`} value={slices.done} max={slices.total || undefined} />
      <p>
        {grouped(slices.done)} of {grouped(slices.total)} slices · {grouped(slices.active)} at work · {grouped(points)}{' '}
        points · {bytesText(bytes)} · {grouped(pointsPerSecond)} points/s
      </p>
      {reason !== undefined && <p role="alert">{reason}</p>}
      {failures.length > 0 && (
        <ul aria-label={`Given up in: ${name}`}>
          {failures.map(({ collection, slice, reason: why }) => (
            <li key={`${collection} ${slice}`}>
              Slice {slice} of {collection} was given up: {why}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
