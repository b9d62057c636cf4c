import { useEffect } from 'react';
import { Link } from 'wouter';
import type { ExportEntry, Overview } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import type { Jobs } from '../api/use-jobs.js';
import { bytesText, dateText, grouped } from '../parts/format.js';
import { NotPossible } from '../parts/not-possible.js';
import { PlannedJob } from '../parts/planned-job.js';
import { ScrollRegion } from '../parts/scroll-region.js';
import { Waiting } from '../parts/waiting.js';

/** The datasets this application has exported. */
export function DatasetsPage({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const answer = useAnswer<{ readonly exports: readonly ExportEntry[] }>('/admin/exports');
  const overview = useAnswer<Overview>('/api/overview');
  const { again } = answer;
  const exported = jobs.jobs?.filter(({ kind, status }) => kind === 'export-dataset' && status !== 'running').length;
  useEffect(again, [exported, again]);
  return (
    <>
      <h1>Datasets</h1>
      <p>Open Parquet files with a manifest. Each was read back and compared with the collection it came from.</p>
      <h2>Export the collection</h2>
      <Waiting answer={overview}>
        {({ exportProblem }) =>
          exportProblem === undefined ? (
            <PlannedJob
              jobs={jobs}
              kind="export-dataset"
              path="/admin/exports"
              orderOf={() => ({})}
              confirm="Export the collection"
            />
          ) : (
            <NotPossible reason={exportProblem} />
          )
        }
      </Waiting>
      <h2>What was exported</h2>
      <Waiting answer={answer}>
        {({ exports }) =>
          exports.length === 0 ? (
            <p>There are none yet. Show the plan of an export, and start it.</p>
          ) : (
            <ScrollRegion name="Datasets">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">State</th>
                    <th scope="col">Points</th>
                    <th scope="col">Size</th>
                    <th scope="col">From</th>
                  </tr>
                </thead>
                <tbody>
                  {exports.toReversed().map((entry) => (
                    <Row key={entry.name} entry={entry} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          )
        }
      </Waiting>
    </>
  );
}

function Row({ entry: { name, state, reason, summary } }: { readonly entry: ExportEntry }): React.JSX.Element {
  return (
    <tr>
      <th scope="row">
        {summary === undefined ? name : <Link href={`/datasets/${encodeURIComponent(name)}`}>{name}</Link>}
      </th>
      <td>
        {state}
        {reason !== undefined && <p className="muted">{reason}</p>}
      </td>
      <td>{summary && grouped(summary.points)}</td>
      <td>{summary && bytesText(summary.bytes)}</td>
      <td>{summary && `${summary.source.provider}, ${dateText(summary.completedAt)}`}</td>
    </tr>
  );
}
