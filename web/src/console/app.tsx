import { useCallback, useEffect, useState } from 'preact/hooks';
import { OperatorApi } from './api/operator-api.js';
import { Console } from './console.js';
import { SignIn, type Session } from './sign-in.js';
import { remember, remembered } from './token.js';

const EXPIRED = 'The token is no longer accepted. Sign in again.';

/** The console, for whoever is signed in. */
export function App() {
  const [session, setSession] = useState<Session>();
  const [reason, setReason] = useState<string>();
  const [isTrying, setTrying] = useState(remembered() !== undefined);

  const signOut = useCallback((why?: string) => {
    remember(undefined);
    setSession(undefined);
    setReason(why);
  }, []);
  const signIn = useCallback(async (token: string, keep: boolean) => {
    let isIn = false;
    const api = new OperatorApi(token, () => isIn && signOut(EXPIRED), location.href);
    const { caller } = await api.overview();
    isIn = true;
    if (keep) remember(token);
    setReason(undefined);
    setSession({ api, caller });
  }, []);

  useEffect(() => {
    const token = remembered();
    if (token === undefined) return;
    signIn(token, true)
      .catch(() => undefined)
      .finally(() => setTrying(false));
  }, []);

  if (isTrying) return null;
  if (session === undefined) return <SignIn key={reason} reason={reason} signIn={signIn} />;
  return <Console session={session} signOut={signOut} />;
}
