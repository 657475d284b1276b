import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { isProblem } from './api/problem.ts';
import { Shell } from './layout/shell.tsx';
import { LiveProvider } from './live/live-provider.tsx';
import { Places } from './places.tsx';
import { SessionGate } from './session/session-gate.tsx';
import { cssVariables, theme } from './theme.ts';

/** The whole page; behind the sign-in everything but that. */
export function App({ nonce }: { readonly nonce: string }) {
  const [queries] = useState(createQueries);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Notifications />
      <QueryClientProvider client={queries}>
        <SessionGate>
          <LiveProvider>
            <Shell>
              <Places />
            </Shell>
          </LiveProvider>
        </SessionGate>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** What was refused is not asked again; what failed for the moment is, twice. */
function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (failures, error) => failures < 2 && !(isProblem(error) && error.status < 500),
      },
    },
  });
}
