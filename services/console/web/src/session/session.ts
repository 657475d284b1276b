import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { call, setCsrfToken } from '../api/client.ts';
import { isProblem } from '../api/problem.ts';
import type { SessionJson } from '../api/types.ts';

const QUERY = ['session'];

/** Who is signed in; null when nobody is. */
export function useSessionQuery() {
  return useQuery({
    queryKey: QUERY,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      try {
        const session = await call<SessionJson | Record<string, never>>('/console/session');
        return isSession(session) ? accept(session) : null;
      } catch (error) {
        if (isProblem(error) && error.status === 401) return null;
        throw error;
      }
    },
  });
}

/** Signs in, and out; nothing that was loaded outlives the session. */
export function useSigning() {
  const queries = useQueryClient();
  const begin = (session: SessionJson | null): void => {
    queries.setQueryData(QUERY, session);
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== QUERY[0] });
  };
  return {
    async signIn(key: string): Promise<void> {
      const session = await call<SessionJson>('/console/session', {
        method: 'POST',
        body: { key },
      });
      begin(accept(session));
    },
    async signOut(): Promise<void> {
      await call('/console/session', { method: 'DELETE' });
      setCsrfToken('');
      begin(null);
    },
    /** The server said that the session has ended. */
    forget(): void {
      begin(null);
    },
  };
}

/** An answer without a body says that nobody is signed in. */
function isSession(answer: object): answer is SessionJson {
  return 'csrf_token' in answer;
}

function accept(session: SessionJson): SessionJson {
  setCsrfToken(session.csrf_token);
  return session;
}

export const SessionContext = createContext<SessionJson | undefined>(undefined);

/** The session, within the part of the page that only those who are signed in see. */
export function useSession() {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in here');
  const { role } = session;
  return { ...session, mayEdit: role !== 'viewer', isAdmin: role === 'admin' };
}
