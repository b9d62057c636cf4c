import { useState } from 'react';
import { ask } from '../api/ask.js';
import type { TransferPlan } from '../api/types.js';
import type { Jobs } from '../api/use-jobs.js';
import { JobButton } from './job-button.js';
import { PlanView } from './plan-view.js';

interface Planned {
  readonly order: object;
  readonly plan: TransferPlan;
}

/**
 * A form whose button shows the plan, and under the plan the button that does it. A field that is changed afterwards
 * takes the plan away: what is started is what was shown.
 */
export function PlannedJob({
  jobs,
  kind,
  path,
  orderOf,
  confirm,
  children,
}: {
  readonly jobs: Jobs;
  readonly kind: string;
  /** Where the job is started; its plan is at `/plan` below it. */
  readonly path: string;
  /** What is sent to both. */
  readonly orderOf: (form: FormData) => object;
  /** What the button says that does it. */
  readonly confirm: string;
  /** Fields of the form. */
  readonly children?: React.ReactNode;
}): React.JSX.Element {
  const [planned, setPlanned] = useState<Planned>();
  const [problem, setProblem] = useState<string>();
  const [isPlanning, setPlanning] = useState(false);
  const forget = (): void => {
    setPlanned(undefined);
    setProblem(undefined);
  };
  const show = async (event: React.FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const order = orderOf(new FormData(event.currentTarget));
    forget();
    setPlanning(true);
    try {
      setPlanned({ order, plan: await ask<TransferPlan>(`${path}/plan`, { method: 'POST', body: order }) });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setPlanning(false);
    }
  };
  return (
    <>
      <form className="search" onSubmit={(event) => void show(event)} onChange={forget}>
        {children}
        <button type="submit" disabled={isPlanning}>
          Show the plan
        </button>
      </form>
      <div role="status">{isPlanning && <p>Looking at both sides…</p>}</div>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {planned !== undefined && (
        <section className="card" aria-label="Plan">
          <h3>Plan</h3>
          <p className="muted">Nothing was changed yet.</p>
          <PlanView plan={planned.plan} />
          <JobButton
            key={JSON.stringify(planned.order)}
            jobs={jobs}
            kind={kind}
            path={path}
            body={planned.order}
            disabled={planned.plan.obstacles.length > 0}
          >
            {confirm}
          </JobButton>
        </section>
      )}
    </>
  );
}
