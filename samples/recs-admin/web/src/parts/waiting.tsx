import type { Answer } from '../api/use-answer.js';

/** What is shown of an answer: the reason when there is none, with a way to ask again, and that it is awaited before. */
export function Waiting<T>({
  answer,
  children,
}: {
  readonly answer: Answer<T>;
  readonly children: (value: T) => React.ReactNode;
}): React.ReactNode {
  if (answer.value !== undefined) return children(answer.value);
  if (answer.problem === undefined) return <p role="status">Loading…</p>;
  return (
    <div role="alert" className="problem">
      <p>{answer.problem}</p>
      <button type="button" onClick={answer.again}>
        Try again
      </button>
    </div>
  );
}
