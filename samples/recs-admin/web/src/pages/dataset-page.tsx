import { Link } from 'wouter';
import type { ExportDetails, PreviewedRecord } from '../api/types.js';
import { useAnswer } from '../api/use-answer.js';
import type { Jobs } from '../api/use-jobs.js';
import { fieldText } from '../parts/field-text.js';
import { bytesText, grouped } from '../parts/format.js';
import { ModeField } from '../parts/mode-field.js';
import { PlannedJob } from '../parts/planned-job.js';
import { ScrollRegion } from '../parts/scroll-region.js';
import { Waiting } from '../parts/waiting.js';

/** A dataset: its manifest, some of its records, its files, and a way back into the store. */
export function DatasetPage({ name, jobs }: { readonly name: string; readonly jobs: Jobs }): React.JSX.Element {
  const path = `/admin/exports/${encodeURIComponent(name)}`;
  const details = useAnswer<ExportDetails>(path);
  const records = useAnswer<{ readonly records: readonly PreviewedRecord[] }>(`${path}/records?limit=5`);
  return (
    <>
      <h1>{name}</h1>
      <Waiting answer={details}>
        {({ summary, manifest, files }) => (
          <>
            <dl className="facts">
              <div>
                <dt>Points</dt>
                <dd>{grouped(summary.points)}</dd>
              </div>
              <div>
                <dt>Size</dt>
                <dd>
                  {bytesText(summary.bytes)} in {summary.parts} {summary.parts === 1 ? 'part' : 'parts'}
                </dd>
              </div>
              <div>
                <dt>Digest</dt>
                <dd className="digest">{summary.digest}</dd>
              </div>
            </dl>
            <section>
              <h2>Records</h2>
              <Waiting answer={records}>{({ records: shown }) => <Records records={shown} />}</Waiting>
            </section>
            <section>
              <h2>Import into the store</h2>
              <PlannedJob
                jobs={jobs}
                kind="import"
                path="/admin/imports"
                orderOf={(form) => {
                  const as = fieldText(form, 'as');
                  return { dataset: name, mode: fieldText(form, 'mode'), ...(as && { as }) };
                }}
                confirm="Import"
              >
                <label>
                  Name there
                  <input name="as" maxLength={200} placeholder="the same name" />
                </label>
                <ModeField />
              </PlannedJob>
            </section>
            <section>
              <h2>Files</h2>
              <ul>
                {files.map((file) => (
                  <li key={file}>
                    <a href={`${path}/file?path=${encodeURIComponent(file)}`} download>
                      {file}
                    </a>
                  </li>
                ))}
              </ul>
            </section>
            <details>
              <summary>Manifest</summary>
              <ScrollRegion name="Manifest">
                <pre>{JSON.stringify(manifest, null, 2)}</pre>
              </ScrollRegion>
            </details>
          </>
        )}
      </Waiting>
      <p>
        <Link href="/datasets">All datasets</Link>
      </p>
    </>
  );
}

function Records({ records }: { readonly records: readonly PreviewedRecord[] }): React.JSX.Element {
  return (
    <ScrollRegion name="Some records">
      <table>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col">Vector</th>
            <th scope="col">Metadata</th>
          </tr>
        </thead>
        <tbody>
          {records.map(({ id, vector, dimension, metadata }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>
                {vector === undefined
                  ? 'none'
                  : `${vector
                      .slice(0, 3)
                      .map((x) => x.toFixed(4))
                      .join(', ')} … (${dimension})`}
              </td>
              <td>
                <code>{JSON.stringify(metadata)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
