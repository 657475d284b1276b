import { type ReactNode, useEffect } from 'react';
import { setOnSignedOut } from '../api/client.ts';
import { Loading } from '../parts/loading.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { SessionContext, useSessionQuery, useSigning } from './session.ts';
import { SignInPage } from './sign-in-page.tsx';

/** Shows the page to those who are signed in, the sign-in to the others. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const { data: session, error, isLoading } = useSessionQuery();
  const { forget } = useSigning();
  useEffect(() => {
    setOnSignedOut(forget);
  });
  if (isLoading) return <Loading />;
  if (error !== null) return <Trouble error={error} />;
  if (session === null || session === undefined) return <SignInPage />;
  return <SessionContext value={session}>{children}</SessionContext>;
}
