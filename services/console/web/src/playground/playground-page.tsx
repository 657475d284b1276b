import { Button, Group, SimpleGrid, Stack } from '@mantine/core';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { AttemptFacts } from '../deliveries/attempt-facts.tsx';
import { Code } from '../parts/code.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { useSession } from '../session/session.ts';
import { PlaygroundForm } from './playground-form.tsx';
import { type TrialJson, trialText } from './trial.ts';
import { newTrial, type TrialValues, toTrialBody } from './trial-values.ts';
import { VerifyPanel } from './verify-panel.tsx';

/** Tries a format: the request that an event makes, and the code that verifies it. */
export function PlaygroundPage() {
  const { mayEdit } = useSession();
  const [values, setValues] = useState<TrialValues>(newTrial);
  const [trial, setTrial] = useState<TrialJson>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  async function run(send: boolean) {
    setBusy(true);
    try {
      const body = { ...toTrialBody(values), send };
      setTrial(await call<TrialJson>('/console/playground', { method: 'POST', body }));
      setError(undefined);
    } catch (caught) {
      setTrial(undefined);
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <PageTitle
        title="Playground"
        about="An event and a format: the very request that would go out, signed, and the code that verifies it. Nothing is stored."
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <Stack>
          <PlaygroundForm values={values} onChange={setValues} />
          <Group>
            <Button loading={isBusy} onClick={() => void run(false)}>
              Show the request
            </Button>
            {mayEdit && (
              <Button
                variant="default"
                loading={isBusy}
                disabled={values.url === ''}
                onClick={() => void run(true)}
              >
                Send it
              </Button>
            )}
          </Group>
          <Trouble error={error} />
        </Stack>
        {trial !== undefined && (
          <Stack>
            {trial.attempt !== null && <AttemptFacts attempt={trial.attempt} />}
            <Code text={trialText(trial)} label="Request" />
            <VerifyPanel trial={trial} />
          </Stack>
        )}
      </SimpleGrid>
    </>
  );
}
