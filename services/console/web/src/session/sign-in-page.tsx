import { Button, Card, Center, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { wordsOf } from '../api/problem.ts';
import { useSigning } from './session.ts';

/** Asks for an API key. It is sent once; the browser keeps a sealed session of it that no script can read. */
export function SignInPage() {
  const { signIn } = useSigning();
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function submit(submitted: FormEvent) {
    submitted.preventDefault();
    setBusy(true);
    try {
      await signIn(key);
    } catch (error) {
      setFault(wordsOf(error));
      setBusy(false);
    }
  }

  return (
    <Center component="main" mih="100dvh" p="md">
      <Card withBorder w="100%" maw={440} p="lg">
        <form onSubmit={(submitted) => void submit(submitted)}>
          <Stack>
            <Title order={1} size="h2">
              Hookline
            </Title>
            <Text size="sm">
              Sign in with an API key of role viewer, editor or admin. The local stack keeps its own
              as <code>apiKey</code> in <code>.hookline/endpoints.json</code>.
            </Text>
            <PasswordInput
              label="API key"
              name="key"
              required
              autoFocus
              autoComplete="current-password"
              spellCheck={false}
              value={key}
              error={fault}
              onChange={(changed) => setKey(changed.currentTarget.value)}
              visibilityToggleButtonProps={{ 'aria-label': 'Show the key' }}
            />
            <Button type="submit" loading={isBusy}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}
