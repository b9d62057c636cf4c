import { useState } from 'react';
import { ask } from '../api/ask.js';
import { fieldText } from '../parts/field-text.js';

/** Asks for the administrator's password. */
export function SignInPage({ onSignedIn }: { readonly onSignedIn: () => void }): React.JSX.Element {
  const [problem, setProblem] = useState<string>();
  const signIn = async (form: FormData): Promise<void> => {
    setProblem(undefined);
    try {
      await ask('/session', { method: 'POST', body: { password: fieldText(form, 'password') } });
      onSignedIn();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <main id="main">
      <h1>Sign in</h1>
      <form className="search" action={signIn}>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit">Sign in</button>
      </form>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </main>
  );
}
