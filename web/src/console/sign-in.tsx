import { useId, useState } from 'preact/hooks';
import type { Overview } from './api/answers.js';
import type { OperatorApi } from './api/operator-api.js';
import { inWords, Problem } from './api/problem.js';
import { Mark } from '../ui/icons.js';

/** Who is signed in. */
export interface Session {
  readonly api: OperatorApi;
  readonly caller: Overview['caller'];
}

export interface SignInProps {
  /** Why the person is here again. */
  readonly reason: string | undefined;
  readonly signIn: (token: string, remember: boolean) => Promise<void>;
}

/** Asks for the token that opens the operator API. */
export function SignIn({ reason, signIn }: SignInProps) {
  const [token, setToken] = useState('');
  const [remember, setRemember] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(reason);
  const [tokenId, helpId] = [useId(), useId()];

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await signIn(token.trim(), remember);
    } catch (error) {
      setFailure(refusalInWords(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <p class="wordmark">
          <Mark />
          Parley
        </p>
        <h1>Console for operators</h1>
        <div class="field">
          <label for={tokenId}>Token</label>
          <input
            id={tokenId}
            type="password"
            required
            autocomplete="off"
            spellcheck={false}
            aria-describedby={helpId}
            value={token}
            onInput={({ currentTarget }) => setToken(currentTarget.value)}
          />
          <p id={helpId} class="help">
            <code>ADMIN_TOKEN</code> of the service, or a token with the scope <code>parley:admin</code> or{' '}
            <code>parley:moderate</code>.
          </p>
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={remember}
            onChange={({ currentTarget }) => setRemember(currentTarget.checked)}
          />
          Stay signed in until this tab is closed
        </label>
        {failure !== undefined && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}

/** What a refusal means to somebody who signs in. */
function refusalInWords(error: unknown): string {
  if (error instanceof Problem && error.status === 401) return 'This token is not accepted.';
  if (error instanceof Problem && error.status === 404) return 'There is no operator API here: ADMIN is false.';
  return inWords(error);
}
